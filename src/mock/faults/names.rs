//! The faults by name.

/// Which faults belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Status 429, in the forms that providers give it. Drawn for each attempt.
    Throttles,
    /// Errors of servers and of what stands before them. Drawn for each attempt.
    Server,
    /// The response itself is broken, or slow. Drawn for each attempt.
    Connection,
    /// What `all` leaves out: drawn for each attempt too, but it may end a run.
    Rough,
    /// Refusals that stay. Drawn for each ask.
    Lasting,
    /// Replies that are odd but valid, and change what the judge says. Drawn for each ask.
    Odd,
}

impl Group {
    /// Every group, in the order of the help text.
    pub const ALL: [Self; 6] = [Self::Throttles, Self::Server, Self::Connection, Self::Rough, Self::Lasting, Self::Odd];

    /// Whether `all` gives a share to it: what goes away when it is asked again.
    #[must_use]
    pub fn is_passing(self) -> bool {
        matches!(self, Self::Throttles | Self::Server | Self::Connection)
    }

    /// Whether its faults are drawn for the ask alone, and stay.
    #[must_use]
    pub fn is_of_ask(self) -> bool {
        matches!(self, Self::Lasting | Self::Odd)
    }
}

/// Something that goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the table below says what each is")]
pub enum Fault {
    RetryAfter,
    RetryAfterMs,
    RetryAfterDate,
    ResetSpelled,
    ResetSeconds,
    ResetEpoch,
    ResetEpochMs,
    ResetOpenRouter,
    Bare429,
    NegativeWait,
    SenselessWait,
    Concurrency,
    Status408,
    Status409,
    Status425,
    Html500,
    Html502,
    Retry503,
    Text503,
    Status504,
    Overloaded529,
    ErrorIn200,
    Integer502,
    Flat500,
    Closed,
    Cut,
    Truncated,
    Empty,
    Drip,
    Html200,
    Redirect,
    Huge,
    Headers,
    QuotesKey,
    BadRequest,
    TooLong,
    TooLarge,
    Unprocessable,
    UnknownFinish,
    NullContent,
    Refusal,
    Filtered,
    Filter400,
    RepeatsKey,
}

type Entry = (Fault, &'static str, Group, &'static str);

/// Name, group and meaning of each, in the order of the enum.
const TABLE: [Entry; 44] = [
    (Fault::RetryAfter, "retry_after", Group::Throttles, "429, Retry-After in seconds"),
    (Fault::RetryAfterMs, "retry_after_ms", Group::Throttles, "429, retry-after-ms"),
    (Fault::RetryAfterDate, "retry_after_date", Group::Throttles, "429, Retry-After as a date"),
    (Fault::ResetSpelled, "reset_spelled", Group::Throttles, "429, a window used up, its reset as 12ms or 6m0s"),
    (Fault::ResetSeconds, "reset_seconds", Group::Throttles, "429, its reset in seconds"),
    (Fault::ResetEpoch, "reset_epoch", Group::Throttles, "429, its reset as seconds since 1970"),
    (Fault::ResetEpochMs, "reset_epoch_ms", Group::Throttles, "429, its reset as milliseconds since 1970"),
    (Fault::ResetOpenRouter, "reset_openrouter", Group::Throttles, "429 as OpenRouter words it"),
    (Fault::Bare429, "bare_429", Group::Throttles, "429 that announces no wait"),
    (Fault::NegativeWait, "negative_wait", Group::Throttles, "429, Retry-After: -5"),
    (Fault::SenselessWait, "senseless_wait", Group::Throttles, "429, Retry-After: soon"),
    (Fault::Concurrency, "concurrency", Group::Throttles, "429, too many requests at once, no wait announced"),
    (Fault::Status408, "status_408", Group::Server, "408"),
    (Fault::Status409, "status_409", Group::Server, "409"),
    (Fault::Status425, "status_425", Group::Server, "425"),
    (Fault::Html500, "html_500", Group::Server, "500 with a page of HTML"),
    (Fault::Html502, "html_502", Group::Server, "502 with a gateway's page"),
    (Fault::Retry503, "retry_503", Group::Server, "503 with Retry-After"),
    (Fault::Text503, "text_503", Group::Server, "503 as plain text"),
    (Fault::Status504, "status_504", Group::Server, "504"),
    (Fault::Overloaded529, "overloaded_529", Group::Server, "529 as Anthropic words it"),
    (Fault::ErrorIn200, "error_in_200", Group::Server, "200 whose body is an error, as OpenRouter's"),
    (Fault::Integer502, "integer_502", Group::Server, "502 whose code is a number"),
    (Fault::Flat500, "flat_500", Group::Server, "500 as vLLM words it, not nested in `error`"),
    (Fault::Closed, "closed", Group::Connection, "closed without a response"),
    (Fault::Cut, "cut", Group::Connection, "closed in the middle of the body"),
    (Fault::Truncated, "truncated", Group::Connection, "a whole response with half of the JSON"),
    (Fault::Empty, "empty", Group::Connection, "200 with an empty body"),
    (Fault::Drip, "drip", Group::Connection, "the reply in small pieces over drip_ms; it is whole in the end"),
    (Fault::Html200, "html_200", Group::Connection, "200 with a page of HTML"),
    (Fault::Redirect, "redirect", Group::Rough, "307 to redirect_to"),
    (Fault::Huge, "huge", Group::Rough, "200 with a body of 1 GB"),
    (Fault::Headers, "headers", Group::Rough, "the reply under 1,000 header lines"),
    (Fault::QuotesKey, "quotes_key", Group::Rough, "400 or 500 that quotes the Authorization header"),
    (Fault::BadRequest, "bad_request", Group::Lasting, "400 as vLLM words it"),
    (Fault::TooLong, "too_long", Group::Lasting, "400 context_length_exceeded"),
    (Fault::TooLarge, "too_large", Group::Lasting, "413"),
    (Fault::Unprocessable, "unprocessable", Group::Lasting, "422"),
    (Fault::UnknownFinish, "unknown_finish", Group::Odd, "the finish reason eos_token"),
    (Fault::NullContent, "null_content", Group::Odd, "null as content"),
    (Fault::Refusal, "refusal", Group::Odd, "null as content and a refusal beside it"),
    (Fault::Filtered, "filtered", Group::Odd, "the finish reason content_filter, no content"),
    (Fault::Filter400, "filter_400", Group::Odd, "400 of Azure's content filter"),
    (Fault::RepeatsKey, "repeats_key", Group::Odd, "the Authorization header quoted before the reply"),
];

impl Fault {
    /// How many there are.
    pub const COUNT: usize = TABLE.len();

    /// Every fault, in a fixed order.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.into_iter().map(|(fault, ..)| fault)
    }

    /// How it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        TABLE[self as usize].1
    }

    /// Where it belongs.
    #[must_use]
    pub fn group(self) -> Group {
        TABLE[self as usize].2
    }

    /// What it is, in a few words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        TABLE[self as usize].3
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        TABLE.into_iter().find(|entry| entry.1 == name).map(|(fault, ..)| fault)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum_and_names_nothing_twice() {
        assert!(TABLE.iter().enumerate().all(|(at, entry)| entry.0 as usize == at));
        assert_eq!(Fault::RepeatsKey as usize, Fault::COUNT - 1);
        assert_eq!(TABLE.iter().map(|entry| entry.1).collect::<HashSet<_>>().len(), Fault::COUNT);
        assert!(Fault::all().all(|fault| Fault::named(fault.name()) == Some(fault)));
    }
}
