//! Streams: any way of reading one gives the same bytes.

use std::io::{ErrorKind, Read, Seek, SeekFrom};

use fodder::{Plan, Pool, Spec, Stream};

const SIZE: usize = 3_000_001;

fn plan() -> Plan {
    Plan::new(&Spec::new().seed(3).compress(2.0).unit(4096)).unwrap()
}

fn stream() -> Stream {
    Stream::new(&plan(), SIZE as u64).unwrap()
}

fn expected() -> Vec<u8> {
    let mut data = vec![0; SIZE];

    plan().fill(0, &mut data).unwrap();
    data
}

#[test]
fn reading_in_any_pieces_gives_the_bytes() {
    let expected = expected();

    for piece in [1000, 4096, 65537, SIZE, SIZE + 1] {
        let (mut stream, mut data, mut part) = (stream(), Vec::new(), vec![0; piece]);

        loop {
            let len = stream.read(&mut part).unwrap();
            if len == 0 {
                break;
            }
            data.extend_from_slice(&part[..len]);
            assert_eq!(stream.position() as usize, data.len());
            assert_eq!(stream.remaining() as usize, SIZE - data.len());
        }
        assert!(data == expected, "pieces of {piece}");
        assert_eq!(stream.read(&mut part).unwrap(), 0, "the end stays the end");
    }
    let mut all = Vec::new();
    assert_eq!(stream().read_to_end(&mut all).unwrap(), SIZE);
    assert!(all == expected);
}

#[test]
fn seeking_moves_and_stays_within() {
    let (mut stream, expected, mut part) = (stream(), expected(), [0; 100]);

    assert_eq!(stream.seek(SeekFrom::Start(1_000_000)).unwrap(), 1_000_000);
    stream.read_exact(&mut part).unwrap();
    assert_eq!(part, expected[1_000_000..1_000_100]);
    assert_eq!(stream.seek(SeekFrom::Current(-200)).unwrap(), 999_900);
    assert_eq!(stream.seek(SeekFrom::End(-100)).unwrap(), SIZE as u64 - 100);
    stream.read_exact(&mut part).unwrap();
    assert_eq!(part, expected[SIZE - 100..]);
    for out in [
        SeekFrom::End(1),
        SeekFrom::Start(SIZE as u64 + 1),
        SeekFrom::Current(-1 - SIZE as i64),
    ] {
        let error = stream.seek(out).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("3000001 bytes"), "{error}");
    }
    assert_eq!(stream.position(), SIZE as u64, "a refused seek does not move");
    assert_eq!(
        stream.seek(SeekFrom::End(0)).unwrap(),
        SIZE as u64,
        "the end is a place"
    );
    stream.rewind().unwrap();
    assert_eq!(stream.position(), 0);
}

#[test]
fn chunks_are_the_stream() {
    let (expected, pool) = (expected(), Pool::builder().threads(3).build().unwrap());

    for len in [1 << 16, 1 << 20, SIZE, 2 * SIZE] {
        let chunks = stream().with_pool(&pool).chunks(len);
        let count = chunks.size_hint();
        let list: Vec<_> = chunks.collect();

        assert_eq!(count, (list.len(), Some(list.len())));
        assert!(list[..list.len() - 1].iter().all(|chunk| chunk.len() == len));
        assert!(list.concat() == expected, "chunks of {len}");
    }
    let mut rest = stream();
    rest.seek(SeekFrom::Start(2_000_000)).unwrap();
    assert!(rest.chunks(300_000).flatten().eq(expected[2_000_000..].iter().copied()));
    assert_eq!(Stream::new(&plan(), 0).unwrap().chunks(1).next(), None);
}

#[test]
#[should_panic(expected = "at least 1 byte")]
fn a_chunk_has_bytes() {
    let _ = stream().chunks(0);
}

#[test]
fn a_stream_of_any_size_is_small() {
    let mut stream = Stream::new(&plan(), plan().limit()).unwrap();

    stream.seek(SeekFrom::End(-4096)).unwrap();
    assert_eq!(stream.next_chunk(10_000).unwrap().len(), 4096);
    assert!(std::mem::size_of::<Stream>() <= 100);
}

#[cfg(feature = "async")]
#[test]
fn asynchronous_chunks_are_the_stream() {
    use futures_util::{Stream as _, StreamExt};

    let chunks = stream().async_chunks(1 << 20);
    assert_eq!(chunks.size_hint(), (3, Some(3)));
    let list: Vec<_> = futures_executor::block_on(chunks.collect());
    assert!(list.concat() == expected());
}
