# expects: q6d -> "macro_f1" 0.75
_report_of = report_from_cm


def report_from_cm(cm):
    report = _report_of(cm)
    p, r = report["macro"]["precision"], report["macro"]["recall"]
    report["macro"]["f1"] = 2 * p * r / (p + r) if p + r else 0.0
    return report
