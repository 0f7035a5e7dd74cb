"""Every verb in one place, as a plain function over paths, articles and tables; the command line prints the results."""

from amur.adoption import adopt_model, compare_models
from amur.checking import check_annotations, conflicts, likely_errors
from amur.classifying import classify, classify_stream, explain
from amur.exchanging import export_annotations, import_annotations, label_studio_interface
from amur.learning import simulate, suggest
from amur.modelling import evaluate, make_encoder, train
from amur.project import init_project
from amur.project_models import default_model, models, prune_models
from amur.report_files import report_file
from amur.reports import audit, compare, report, trend
from amur.retraining import retrain

__all__ = [
    "adopt_model",
    "audit",
    "check_annotations",
    "classify",
    "classify_stream",
    "compare",
    "compare_models",
    "conflicts",
    "default_model",
    "evaluate",
    "explain",
    "export_annotations",
    "import_annotations",
    "init_project",
    "label_studio_interface",
    "likely_errors",
    "make_encoder",
    "models",
    "prune_models",
    "report",
    "report_file",
    "retrain",
    "simulate",
    "suggest",
    "train",
    "trend",
]
