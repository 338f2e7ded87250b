"""Tables of bilateral instruments, as coordinators keep them, turned into fact files.

RecordedFacts     what the graph has already, read once
prepare           a table and the recorded facts → the changes it would make, checked; or ImportRefusedError
ImportPlan.diff   the changes as a unified diff
ImportPlan.write  the changes on the disk: all of them or none
"""

from readmission.table_import.columns import COLUMNS, guide, template
from readmission.table_import.import_plan import ImportPlan
from readmission.table_import.importing import prepare
from readmission.table_import.recorded import RecordedFacts
from readmission.table_import.table_errors import ImportRefusedError, TableProblem

__all__ = [
    "COLUMNS",
    "ImportPlan",
    "ImportRefusedError",
    "RecordedFacts",
    "TableProblem",
    "guide",
    "prepare",
    "template",
]
