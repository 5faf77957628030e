//! What the library made, each freed where its owner is dropped.

use std::ptr::NonNull;

use fodder_sys as sys;

macro_rules! owner {
    ($name:ident, $type:ident, $free:ident) => {
        #[derive(Debug)]
        pub(crate) struct $name(NonNull<sys::$type>);

        impl $name {
            /// `pointer` is what a function of the library that makes one has given.
            pub(crate) fn own(pointer: *mut sys::$type) -> Self {
                $name(NonNull::new(pointer).expect("the library gives what it has made"))
            }

            #[inline]
            pub(crate) fn get(&self) -> *mut sys::$type {
                self.0.as_ptr()
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                // SAFETY: it is owned, and nobody else's.
                unsafe { sys::$free(self.get()) }
            }
        }
    };
}

owner!(RawPlan, fodder_plan, fodder_plan_free);
owner!(RawPool, fodder_pool, fodder_pool_free);
owner!(RawBuffer, fodder_buffer, fodder_buffer_free);
owner!(RawTopology, fodder_topology, fodder_topology_free);
owner!(RawVerifier, fodder_verifier, fodder_verifier_free);

// SAFETY: a plan never changes, and any number of threads may use it at once.
unsafe impl Send for RawPlan {}
// SAFETY: as above.
unsafe impl Sync for RawPlan {}

// SAFETY: any number of threads may use a pool at once.
unsafe impl Send for RawPool {}
// SAFETY: as above.
unsafe impl Sync for RawPool {}

// SAFETY: a buffer is memory; whose threads may write to it is for Rust's borrows to say, and any thread may free it.
unsafe impl Send for RawBuffer {}
// SAFETY: as above.
unsafe impl Sync for RawBuffer {}

// SAFETY: one thread at a time may use a verifier, any thread: what changes it takes &mut.
unsafe impl Send for RawVerifier {}
