"""Everything the server answers: the table of each family, in one."""

from handlers.accounts import routes as accounts
from handlers.forum import routes as forum
from handlers.lms import routes as lms
from handlers.ops import routes as ops
from handlers.shop import routes as shop
from handlers.sociox import routes as sociox

ROUTES = (*ops.ROUTES, *accounts.ROUTES, *forum.ROUTES, *lms.ROUTES, *shop.ROUTES, *sociox.ROUTES)
