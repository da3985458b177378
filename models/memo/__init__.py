"""The decision memo's content as data, without a layout."""
