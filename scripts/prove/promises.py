"""The list of the promises that can be proved, in their order."""

from scripts.prove.p01_kill import P1
from scripts.prove.p02_power import P2
from scripts.prove.p03_disk import P3
from scripts.prove.p04_stock import P4
from scripts.prove.p05_orders import P5
from scripts.prove.p06_machines import P6
from scripts.prove.p07_sessions import P7
from scripts.prove.p08_codes import P8
from scripts.prove.p09_throttles import P9
from scripts.prove.p10_access import P10
from scripts.prove.p11_outbox import P11
from scripts.prove.p12_load import P12
from scripts.prove.p13_stop import P13
from scripts.prove.p14_enumeration import P14
from scripts.prove.p15_parsers import P15
from scripts.prove.p16_oracle import P16
from scripts.prove.p17_backup import P17
from scripts.prove.p18_leaks import P18
from scripts.prove.promise import Promise

PROMISES: dict[str, Promise] = {
    promise.number: promise
    for promise in (P1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P11, P12, P13, P14, P15, P16, P17, P18)
}
