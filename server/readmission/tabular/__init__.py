"""Tables of bilateral instruments, as coordinators keep them, turned into fact files.

Holdings          what the graph holds already, read once
prepare           a table and the holdings → the changes it would make, checked; or ImportRefused
Intake.diff       the changes as a unified diff
Intake.write      the changes on the disk: all of them or none
"""

from readmission.tabular.columns import COLUMNS, guide, template
from readmission.tabular.faults import Fault, ImportRefused
from readmission.tabular.holdings import Holdings
from readmission.tabular.intake import Intake, prepare

__all__ = ["COLUMNS", "Fault", "Holdings", "ImportRefused", "Intake", "guide", "prepare", "template"]
