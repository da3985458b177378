"""What the first window needs of the models and of numpy, imported before Qt is; see `app.cli.open_window`."""

import models.evaluate  # noqa: F401
import models.figures  # noqa: F401
import models.samples  # noqa: F401
import models.storage.plan_file  # noqa: F401
import models.watch  # noqa: F401
