"""A small YAML emitter: dictionaries and lists in the order given, short flat ones on one line."""
import re

_PLAIN = re.compile(r"^[A-Za-z0-9_./][A-Za-z0-9_./-]*$")
_NUMBER_LIKE = re.compile(r"^[0-9.]+$")


def _scalar(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if _PLAIN.match(value) and (value.count(".") >= 2 or not _NUMBER_LIKE.match(value)):
        return value
    return '"%s"' % value


def _flat(value):
    items = value.values() if isinstance(value, dict) else value
    return not any(isinstance(item, dict) or (isinstance(item, list) and not _flat(item)) for item in items)


def _inline(value):
    if isinstance(value, dict):
        return "{ " + ", ".join("%s: %s" % (k, _inline(v)) for k, v in value.items()) + " }" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(v) for v in value) + "]"
    return _scalar(value)


def _block(value, indent, lines):
    pad = " " * indent
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, (dict, list)) and not (_flat(item) and len(_inline(item)) <= 90):
                lines.append("%s%s:" % (pad, key))
                _block(item, indent + 2, lines)
            else:
                lines.append("%s%s: %s" % (pad, key, _inline(item)))
        return
    for item in value:
        if isinstance(item, dict) and not (_flat(item) and len(_inline(item)) <= 110):
            nested = []
            _block(item, indent + 2, nested)
            lines.append(pad + "- " + nested[0].lstrip())
            lines.extend(nested[1:])
        else:
            lines.append("%s- %s" % (pad, _inline(item)))


def dump(document):
    """The document as YAML text; a top-level key whose value is None is left out."""
    lines = []
    _block({k: v for k, v in document.items() if v is not None}, 0, lines)
    return "\n".join(lines) + "\n"
