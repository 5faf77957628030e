import builtins
import os
from typing import Any, SupportsFloat, SupportsIndex, TypeAlias, final

from typing_extensions import Buffer as BytesLike

from .keywords import Codec, Numa

_Size: TypeAlias = SupportsIndex | str
_Writable: TypeAlias = Any

FORMAT: int
__version__: str

@final
class Spec:
    def __new__(
        cls,
        dedup: SupportsFloat | str = 1.0,
        compress: SupportsFloat = 1.0,
        *,
        seed: SupportsIndex | None = None,
        series: SupportsIndex = 0,
        generation: SupportsIndex = 0,
        unit: _Size | None = None,
        window: SupportsIndex | None = None,
        codec: Codec | None = None,
    ) -> Spec: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[type[Spec], tuple[str]]: ...
    def replace(self, /, **fields: Any) -> Spec: ...
    def count(self, offset: _Size, size: _Size, /) -> tuple[int, int]: ...
    @property
    def seed(self) -> int: ...
    @property
    def series(self) -> int: ...
    @property
    def generation(self) -> int: ...
    @property
    def dedup(self) -> float: ...
    @property
    def compress(self) -> float: ...
    @property
    def unit(self) -> int: ...
    @property
    def window(self) -> int: ...
    @property
    def codec(self) -> Codec: ...
    @property
    def format(self) -> int: ...
    @property
    def limit(self) -> int: ...

@final
class Buffer:
    __hash__: None  # type: ignore[assignment]
    def __buffer__(self, flags: int, /) -> builtins.memoryview: ...
    def __len__(self) -> int: ...
    def __getitem__(self, key: Any, /) -> Any: ...
    def __setitem__(self, key: Any, value: Any, /) -> None: ...
    def __delitem__(self, key: Any, /) -> None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __dlpack__(
        self,
        /,
        *,
        stream: None = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> Any: ...
    def __dlpack_device__(self, /) -> tuple[int, int]: ...
    def numpy(self, /) -> Any: ...
    def memoryview(self, /) -> builtins.memoryview: ...
    def to_bytes(self, /) -> bytes: ...
    @property
    def spec(self) -> Spec: ...
    @property
    def nbytes(self) -> int: ...
    @property
    def memory(self) -> dict[str, Any]: ...

def generate(
    size: _Size,
    dedup: SupportsFloat = 1.0,
    compress: SupportsFloat = 1.0,
    *,
    offset: _Size = 0,
    seed: SupportsIndex | None = None,
    series: SupportsIndex = 0,
    generation: SupportsIndex = 0,
    unit: _Size | None = None,
    window: SupportsIndex | None = None,
    codec: Codec | None = None,
    spec: Spec | str | None = None,
    threads: SupportsIndex | None = None,
    numa: Numa = "auto",
) -> Buffer: ...
def fill(
    buffer: _Writable,
    *,
    offset: _Size = 0,
    dedup: SupportsFloat = 1.0,
    compress: SupportsFloat = 1.0,
    seed: SupportsIndex | None = None,
    series: SupportsIndex = 0,
    generation: SupportsIndex = 0,
    unit: _Size | None = None,
    window: SupportsIndex | None = None,
    codec: Codec | None = None,
    spec: Spec | str | None = None,
    threads: SupportsIndex | None = None,
    numa: Numa = "auto",
) -> int: ...
def read(
    size: _Size,
    *,
    offset: _Size = 0,
    dedup: SupportsFloat = 1.0,
    compress: SupportsFloat = 1.0,
    seed: SupportsIndex | None = None,
    series: SupportsIndex = 0,
    generation: SupportsIndex = 0,
    unit: _Size | None = None,
    window: SupportsIndex | None = None,
    codec: Codec | None = None,
    spec: Spec | str | None = None,
    threads: SupportsIndex | None = None,
    numa: Numa = "auto",
) -> bytes: ...
def readinto(buffer: _Writable, **keywords: Any) -> int: ...
def verify(buffer: Any, **keywords: Any) -> tuple[int, int, tuple[tuple[Any, ...], ...], int]: ...
def total_cpus() -> int: ...
def default_threads() -> int: ...
def topology(root: str | os.PathLike[str] | None = None, /) -> dict[str, Any]: ...
def kernels() -> list[tuple[str, bool]]: ...
def parse_size(name: str, value: _Size, /) -> int: ...
