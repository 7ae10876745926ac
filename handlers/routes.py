"""Everything the server answers: the table of each family, in one."""

from handlers.forum import routes as forum
from handlers.ops import routes as ops
from handlers.shop import routes as shop

ROUTES = (*ops.ROUTES, *forum.ROUTES, *shop.ROUTES)
