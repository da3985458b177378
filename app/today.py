"""Which day it is, for ages and dates; the one place that asks the clock."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime


def today() -> date:
    """Today, or the day of SOURCE_DATE_EPOCH [s since 1970], so that pictures and memos can be made again."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC).date() if epoch.isdecimal() else date.today()
