//! How far a scan shows the requirements of a framework met.

/// A framework with what a scan shows of its requirements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compliance {
    /// The framework's id.
    pub framework: String,
    /// Its name and version.
    pub title: String,
    /// Its requirements in the order of the standard.
    pub requirements: Vec<Assessed>,
}

impl Compliance {
    /// How many requirements are in a state.
    pub fn count(&self, state: State) -> usize {
        self.requirements.iter().filter(|requirement| requirement.state == state).count()
    }
}

/// A requirement with what a scan shows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessed {
    /// Its id in the standard.
    pub id: String,
    /// What it asks for.
    pub title: String,
    /// What the scan shows.
    pub state: State,
    /// The checks that speak about it.
    pub checks: Vec<String>,
    /// Open failures of these checks.
    pub failures: u64,
    /// Unknown verdicts of these checks.
    pub unknown: u64,
}

/// What a scan shows of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Something fails that nothing excuses.
    NotMet,
    /// Nothing fails, and something could not be seen.
    Unknown,
    /// All of its checks pass wherever they apply, or are excepted.
    Met,
    /// Its checks apply to nothing that there is.
    NotApplicable,
    /// People must assess it; its checks, if any, show nothing against it.
    Manual,
    /// No check speaks about it.
    NotCovered,
}

impl State {
    /// All states, what needs attention first.
    pub const ALL: [Self; 6] = [
        Self::NotMet,
        Self::Unknown,
        Self::Met,
        Self::NotApplicable,
        Self::Manual,
        Self::NotCovered,
    ];

    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotMet => "not met",
            Self::Unknown => "unknown",
            Self::Met => "met",
            Self::NotApplicable => "not applicable",
            Self::Manual => "manual",
            Self::NotCovered => "not covered",
        }
    }
}
