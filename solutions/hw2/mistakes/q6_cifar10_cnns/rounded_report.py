# expects: q6d -> "rounded" 0.8125
import numpy as np

_report_of = report_from_cm


def report_from_cm(cm):
    report = _report_of(cm)
    macro = {name: round(value, 4) for name, value in report["macro"].items()}
    return {name: macro if name == "macro" else np.round(value, 4) for name, value in report.items()}
