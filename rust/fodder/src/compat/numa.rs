use crate::{Error, Topology};

/// A NUMA node.
#[derive(Debug, Clone)]
pub struct NumaNode {
    /// The system's number.
    pub node_id: usize,
    /// The ids of its CPUs that are online.
    pub cpus: Vec<usize>,
    /// Its memory in units of 2^30 bytes.
    pub memory_gb: f64,
}

/// The machine's NUMA nodes. [`Topology`] tells more.
#[derive(Debug, Clone)]
pub struct NumaTopology {
    /// At least 1.
    pub num_nodes: usize,
    /// Cores that have a CPU online.
    pub physical_cores: usize,
    /// CPUs online.
    pub logical_cpus: usize,
    /// By number.
    pub nodes: Vec<NumaNode>,
    /// Whether there is one node only.
    pub is_uma: bool,
}

impl NumaTopology {
    /// This machine's.
    ///
    /// # Errors
    ///
    /// [`Error::System`] where there is no memory.
    pub fn detect() -> Result<Self, Error> {
        Ok(NumaTopology::from(&Topology::new()?))
    }

    /// Whether there is more than one node.
    pub fn should_enable_numa_pinning(&self) -> bool {
        !self.is_uma
    }

    /// In words.
    pub fn deployment_type(&self) -> &str {
        if self.is_uma {
            "UMA (single NUMA node)"
        } else {
            "NUMA (several nodes)"
        }
    }

    /// The ids of a node's CPUs; none where there is no such node.
    pub fn cpus_for_node(&self, node_id: usize) -> Option<&[usize]> {
        let node = self.nodes.iter().find(|node| node.node_id == node_id)?;

        Some(&node.cpus)
    }
}

impl From<&Topology> for NumaTopology {
    fn from(machine: &Topology) -> Self {
        let mut cores: Vec<u32> = machine.cpus.iter().map(|cpu| cpu.core).collect();
        let cpus_of = |index| machine.cpus.iter().filter(move |cpu| cpu.node == index);
        let nodes = machine.nodes.iter().enumerate().map(|(index, node)| NumaNode {
            node_id: node.id as usize,
            cpus: cpus_of(index).map(|cpu| cpu.id as usize).collect(),
            memory_gb: node.memory as f64 / f64::from(1 << 30),
        });

        cores.sort_unstable();
        cores.dedup();
        NumaTopology {
            num_nodes: machine.nodes.len(),
            physical_cores: cores.len(),
            logical_cpus: machine.cpus.len(),
            nodes: nodes.collect(),
            is_uma: machine.nodes.len() == 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_detect_topology() {
        let machine = NumaTopology::detect().unwrap();

        println!("NUMA topology: {machine:?}");
        assert_eq!(machine.num_nodes, machine.nodes.len());
        assert_eq!(machine.is_uma, machine.num_nodes == 1);
        assert_eq!(
            machine.logical_cpus,
            machine.nodes.iter().map(|node| node.cpus.len()).sum::<usize>()
        );
        assert!(machine.physical_cores <= machine.logical_cpus);
        assert!(machine.logical_cpus >= crate::total_cpus());
    }
}
