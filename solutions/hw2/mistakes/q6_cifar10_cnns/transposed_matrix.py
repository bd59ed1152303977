# expects: q6d -> "transposed" 0.5
_report_of = report_from_cm


def report_from_cm(cm):
    return _report_of(cm.T)
