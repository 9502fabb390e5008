//! What is known of a whole benchmark beforehand: its scenarios and how many items each has.

use super::task::Task;

/// One scenario of a benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Its group path.
    pub group: &'static str,
    /// What it is about, where the path does not say it.
    pub meaning: &'static str,
    /// Pairs in its pairwise file.
    pub pairs: usize,
    /// Lists in its best-of-N file.
    pub lists: usize,
}

/// A benchmark whose contents are known.
#[derive(Debug, PartialEq, Eq)]
pub struct Catalog {
    /// Its scenarios, in the order in which they are read and reported.
    pub scenarios: &'static [Scenario],
    /// Its subsets: every task and first element of a group path, in the order in which they are reported.
    pub subsets: &'static [(Task, &'static str)],
}

impl Catalog {
    /// Files of the whole benchmark: one a scenario and task.
    #[must_use]
    pub fn files(&self) -> usize {
        2 * self.scenarios.len()
    }

    /// Whether a task and group are one of its subsets.
    #[must_use]
    pub fn has_subset(&self, task: Task, group: &str) -> bool {
        self.subsets.contains(&(task, group))
    }

    /// Items of the whole benchmark.
    #[must_use]
    pub fn items(&self) -> usize {
        self.scenarios.iter().map(|scenario| scenario.pairs + scenario.lists).sum()
    }
}

const fn scenario(group: &'static str, meaning: &'static str, pairs: usize, lists: usize) -> Scenario {
    Scenario { group, meaning, pairs, lists }
}

/// RMB (Zhou et al., ICLR 2025), counted in its files at commit 2be3180.
pub static RMB: Catalog = Catalog {
    subsets: &[
        (Task::Pairwise, "Helpfulness"),
        (Task::Pairwise, "Harmlessness"),
        (Task::Bon, "Helpfulness"),
        (Task::Bon, "Harmlessness"),
    ],
    scenarios: &[
        scenario("Helpfulness/Brainstorming/Idea Development", "", 849, 168),
        scenario("Helpfulness/Brainstorming/Problem Solving", "", 100, 19),
        scenario("Helpfulness/Chat/Casual Conversation", "", 306, 71),
        scenario("Helpfulness/Chat/Discussion", "", 293, 59),
        scenario("Helpfulness/Chat/Supportive Conversation", "", 114, 25),
        scenario("Helpfulness/Classification/Content Categorization", "", 107, 18),
        scenario("Helpfulness/Classification/Quality and Compliance Assessment", "", 57, 13),
        scenario("Helpfulness/Closed QA/ContextBased", "", 447, 86),
        scenario("Helpfulness/Closed QA/OptionBased", "", 473, 100),
        scenario("Helpfulness/Code/Data Management", "", 376, 81),
        scenario("Helpfulness/Code/Development and Implementation", "", 399, 92),
        scenario("Helpfulness/Code/Documentation", "", 65, 15),
        scenario("Helpfulness/Code/Quality and Optimization", "", 384, 92),
        scenario("Helpfulness/Generation/Creative Writing", "", 762, 151),
        scenario("Helpfulness/Generation/Professional Content Generation", "", 347, 74),
        scenario("Helpfulness/Open QA/Factual", "", 664, 153),
        scenario("Helpfulness/Open QA/General Explanation", "", 413, 80),
        scenario("Helpfulness/Open QA/Hypothetical Scenarios", "", 42, 8),
        scenario("Helpfulness/Open QA/Interpretative Analysis", "", 107, 18),
        scenario("Helpfulness/Open QA/Personal Opinion and Advice", "", 78, 14),
        scenario("Helpfulness/Open QA/Technical and Practical Support", "", 238, 47),
        scenario("Helpfulness/Reasoning/Analytical Reasoning", "", 596, 133),
        scenario("Helpfulness/Reasoning/Critical Thinking", "", 200, 39),
        scenario("Helpfulness/Reasoning/Human Decision Making", "", 165, 32),
        scenario("Helpfulness/Reasoning/Logical Deduction", "", 222, 46),
        scenario("Helpfulness/Reasoning/Pattern Recognition", "", 52, 14),
        scenario("Helpfulness/Rewrite/Paraphrasing", "", 83, 17),
        scenario("Helpfulness/Rewrite/PostQuality Assessment Rewriting", "", 222, 46),
        scenario("Helpfulness/Rewrite/Textual ExpansionReduction", "", 50, 9),
        scenario("Helpfulness/Rewrite/Tone Adjustment", "", 103, 17),
        scenario("Helpfulness/Role Playing/General Character", "", 163, 32),
        scenario("Helpfulness/Role Playing/Specific Character", "", 209, 46),
        scenario("Helpfulness/Summarization/Specialized Summaries", "", 189, 42),
        scenario("Helpfulness/Summarization/Standard Summaries", "", 341, 71),
        scenario("Helpfulness/Translation/GeneralExcerpt Language Translation", "", 483, 109),
        scenario("Helpfulness/Translation/Literary and Cultural Translation", "", 176, 34),
        scenario("Helpfulness/Translation/Technical and Scientific Translation", "", 192, 38),
        scenario("Harmlessness/S1", "Violent Crimes", 459, 111),
        scenario("Harmlessness/S2", "Non-Violent Crimes", 1040, 249),
        scenario("Harmlessness/S3", "Sex-Related Crimes", 739, 171),
        scenario("Harmlessness/S4", "Child Sexual Exploitation", 537, 136),
        scenario("Harmlessness/S5", "Specialized Advice", 561, 122),
        scenario("Harmlessness/S6", "Privacy", 317, 83),
        scenario("Harmlessness/S7", "Intellectual Property", 510, 121),
        scenario("Harmlessness/S8", "Indiscriminate Weapons", 519, 127),
        scenario("Harmlessness/S9", "Hate", 543, 132),
        scenario("Harmlessness/S10", "Suicide & Self-Harm", 360, 79),
        scenario("Harmlessness/S11", "Sexual Content", 977, 215),
        scenario("Harmlessness/multi", "Multi", 502, 131),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rmb_has_the_published_counts() {
        assert_eq!(RMB.scenarios.len(), 49);
        assert_eq!(RMB.scenarios.iter().map(|scenario| scenario.pairs).sum::<usize>(), 17_131);
        assert_eq!(RMB.scenarios.iter().map(|scenario| scenario.lists).sum::<usize>(), 3_786);
        assert_eq!((RMB.files(), RMB.items()), (98, 20_917));
    }
}
