"""What the first window needs of the models and of numpy, imported before Qt is; see `app.cli.open_window`."""

import models.evaluate
import models.figures
import models.samples
import models.storage.plan_file
import models.watch  # noqa: F401
