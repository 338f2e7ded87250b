"""Tables of bilateral instruments, as coordinators keep them, turned into fact files.

Holdings          what the graph holds already, read once
prepare           a table and the holdings → the changes it would make, checked; or ImportRefused
Intake.diff       the changes as a unified diff
Intake.write      the changes on the disk: all of them or none
"""

from readmission.table_import.columns import COLUMNS, guide, template
from readmission.table_import.importing import Intake, prepare
from readmission.table_import.recorded import Holdings
from readmission.table_import.table_errors import Fault, ImportRefused

__all__ = ["COLUMNS", "Fault", "Holdings", "ImportRefused", "Intake", "guide", "prepare", "template"]
