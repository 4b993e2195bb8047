//! Names that people use without importing or defining them, and where they come from.

/// Names of Python's standard library that are used on their own, by module.
const MEMBERS: &[(&str, &[&str])] = &[
    ("abc", &["ABC", "abstractmethod"]),
    ("collections", &["ChainMap", "Counter", "OrderedDict", "defaultdict", "deque", "namedtuple"]),
    (
        "collections.abc",
        &[
            "AsyncIterator",
            "Awaitable",
            "Generator",
            "Hashable",
            "Iterable",
            "Iterator",
            "Mapping",
            "MutableMapping",
            "Sequence",
        ],
    ),
    ("concurrent.futures", &["ProcessPoolExecutor", "ThreadPoolExecutor"]),
    ("contextlib", &["asynccontextmanager", "contextmanager", "suppress"]),
    ("copy", &["deepcopy"]),
    ("dataclasses", &["dataclass", "field"]),
    ("datetime", &["datetime", "timedelta", "timezone"]),
    ("decimal", &["Decimal"]),
    ("enum", &["Enum", "Flag", "IntEnum", "StrEnum"]),
    ("fractions", &["Fraction"]),
    ("functools", &["cached_property", "lru_cache", "partial", "reduce", "singledispatch", "total_ordering", "wraps"]),
    ("importlib", &["reload"]),
    ("io", &["BytesIO", "StringIO"]),
    ("itertools", &["chain", "combinations", "groupby", "islice", "permutations", "zip_longest"]),
    ("pathlib", &["Path", "PurePath"]),
    ("pprint", &["pprint"]),
    ("tempfile", &["NamedTemporaryFile", "TemporaryDirectory"]),
    ("textwrap", &["dedent"]),
    ("types", &["MappingProxyType", "ModuleType", "SimpleNamespace", "TracebackType"]),
    (
        "typing",
        &[
            "Annotated",
            "Any",
            "Callable",
            "ClassVar",
            "Dict",
            "Final",
            "Generic",
            "List",
            "Literal",
            "NamedTuple",
            "NoReturn",
            "Optional",
            "ParamSpec",
            "Protocol",
            "Self",
            "Set",
            "TYPE_CHECKING",
            "Tuple",
            "Type",
            "TypeAlias",
            "TypeVar",
            "TypedDict",
            "Union",
            "cast",
            "overload",
        ],
    ),
    ("unittest.mock", &["MagicMock", "Mock"]),
    ("uuid", &["uuid4"]),
];

/// Names of other languages and of Python 2, and what Python calls them.
const FOREIGN: &[(&str, &str)] = &[
    ("NULL", "None"),
    ("basestring", "str"),
    ("long", "int"),
    ("nil", "None"),
    ("null", "None"),
    ("nullptr", "None"),
    ("raw_input", "input"),
    ("this", "self"),
    ("undefined", "None"),
    ("unichr", "chr"),
    ("unicode", "str"),
    ("xrange", "range"),
];

/// The module that a name is imported from.
pub(super) fn module_of(name: &str) -> Option<&'static str> {
    MEMBERS.iter().find(|(_, names)| names.contains(&name)).map(|(module, _)| *module)
}

/// What Python calls it.
pub(super) fn translated(name: &str) -> Option<&'static str> {
    FOREIGN.iter().find(|(foreign, _)| *foreign == name).map(|(_, ours)| *ours)
}
