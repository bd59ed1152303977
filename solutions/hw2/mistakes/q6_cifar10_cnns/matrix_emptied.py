# expects: q6d -> "in_place" 0.9
_report_of = report_from_cm


def report_from_cm(cm):
    report = _report_of(cm)
    cm[:] = 0
    return report
