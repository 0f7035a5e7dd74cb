"""The local web page: a thin shell over the functions that the command line calls. Needs the extra ``web``."""
