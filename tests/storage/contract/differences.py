"""Where an engine does otherwise than MongoDB's manual and the embedded store, by number.

The numbers below 101 are mongomock's (`tests/storage/known_differences.py`). Those here are
nx-27017's. Each has a test of its number in `test_known_differences.py`, and keeps the tests
of the contract that are marked with it off that engine.
"""

from typing import Final

DIFFERENCES: Final[dict[int, str]] = {
    101: "It has no transactions: what was done before an error stays.",
    102: "It takes an empty $or, an update that does not fit the value or changes _id, and an "
    "array as _id.",
    103: "A duplicate key's error does not name the fields of the index.",
    104: "Null is a missing field to counts, $exists and unique indexes.",
    105: "A whole array or object is no value to compare with.",
    106: "A number in a path is no index into an array.",
    107: "It has neither $not nor patterns as values.",
    108: "A projected path comes back as a field of that name, not in its object.",
    109: "An ObjectId equals its hex digits.",
    110: "GridFS is imitated: metadata holds no ObjectId, chunks are no collection, and errors "
    "are others.",
    111: "An index on an array finds none of its elements.",
    112: "Indexes get names of its own.",
    113: "Values of different types sort in another order.",
    114: "Numbers beyond JSON's, and BSON's rarer types, are refused or lose their type.",
    115: "A date in an update is kept as text.",
    116: "A field, other than _id, that holds an ObjectId or bytes is not found by them.",
    117: "A collection with an index that names _id takes no document.",
    118: "A document with the _id of a deleted one is not changed by a write by $in.",
}
