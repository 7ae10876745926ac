"""The list of the promises that can be proved, in their order."""

from scripts.prove.p01_kill import P1
from scripts.prove.p04_stock import P4
from scripts.prove.promise import Promise

PROMISES: dict[str, Promise] = {promise.number: promise for promise in (P1, P4)}
