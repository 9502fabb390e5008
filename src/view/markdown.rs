//! Markdown of foreign texts as HTML that does nothing: no tag of theirs, no address that leads or loads anything.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, html};

use crate::report::visible;

/// Deeper than this no sensible text is nested, and browsers stop following.
const DEEPEST: usize = 24;
/// A text longer than this, in bytes, is shown as it is written: nobody reads it as a page.
const LONGEST: usize = 200_000;

/// The text as HTML; `None` where it is better shown as it is written.
pub(super) fn rendered(text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut events = Vec::new();
    let (mut depth, mut addresses) = (0_usize, Vec::new());
    let parser = Parser::new_ext(text, options);
    // What is defined for links stands nowhere on a page: a place for words that only the judge is to see.
    if parser.reference_definitions().iter().next().is_some() {
        return None;
    }
    for event in parser {
        match &event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return None;
        }
        harmless(event, &mut addresses, &mut events);
    }
    let mut page = String::with_capacity(text.len() * 3 / 2);
    html::push_html(&mut page, events.into_iter());
    Some(page)
}

/// A text in which what steers or hides is seen.
fn shown(text: &str) -> CowStr<'static> {
    visible(text).into()
}

/// Puts what is left of an event behind the others. Tags become text; a link and a picture become their words with the address behind.
fn harmless<'a>(event: Event<'a>, addresses: &mut Vec<CowStr<'a>>, events: &mut Vec<Event<'a>>) {
    match event {
        Event::Html(text) | Event::InlineHtml(text) | Event::Text(text) => events.push(Event::Text(shown(&text))),
        Event::Code(text) => events.push(Event::Code(shown(&text))),
        // What stands behind the language is shown by no browser.
        Event::Start(Tag::CodeBlock(kind)) => {
            if let CodeBlockKind::Fenced(info) = kind
                && info.trim().contains(char::is_whitespace)
            {
                let said = [Event::Start(Tag::Paragraph), Event::Code(shown(&info)), Event::End(TagEnd::Paragraph)];
                events.extend(said);
            }
            events.push(Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)));
        }
        Event::Start(Tag::HtmlBlock) => events.push(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => events.push(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Link { dest_url, title, .. } | Tag::Image { dest_url, title, .. }) => {
            let title = if title.is_empty() { String::new() } else { format!(" \"{title}\"") };
            addresses.push(shown(&format!("{dest_url}{title}")));
        }
        Event::End(TagEnd::Link | TagEnd::Image) => {
            let address = addresses.pop().unwrap_or_else(|| "".into());
            let is_said = matches!(events.last(), Some(Event::Text(said)) if **said == *address);
            if !is_said {
                events.push(Event::Text(format!(" ({address})").into()));
            }
        }
        // The outline of the page is ours.
        Event::Start(Tag::Heading { .. }) => events.push(Event::Html("<p class=\"heading\">".into())),
        Event::End(TagEnd::Heading(_)) => events.push(Event::Html("</p>\n".into())),
        Event::SoftBreak => events.push(Event::HardBreak),
        event => events.push(event),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use super::*;

    #[test]
    fn ordinary_markdown_is_shown_as_meant() {
        let page = rendered("# Plan\n\n1. *one*\n2. `two`\n\n| a | b |\n|---|---|\n| c | d |\n").unwrap();
        for part in ["<p class=\"heading\">Plan</p>", "<ol>", "<em>one</em>", "<code>two</code>", "<td>d</td>"] {
            assert!(page.contains(part), "{page}");
        }
    }

    #[test]
    fn tags_and_addresses_are_text() {
        let hostile = "<script>alert(1)</script>\n\n<img src=x onerror=alert(2)> **b** [go](javascript:alert(3)) ![see](http://evil.example/x.png)\n\n\
                       <http://evil.example>\n\n<div style=\"position:fixed\">";
        let page = rendered(hostile).unwrap();
        assert_eq!(tags(&page), ["<strong>", "</strong>", "<p>", "</p>"].map(str::to_owned).into());
        for part in ["go (javascript:alert(3))", "see (http://evil.example/x.png)", "&lt;script&gt;"] {
            assert!(page.contains(part), "{page}");
        }
    }

    #[test]
    fn nothing_that_the_judge_saw_is_hidden() {
        let page =
            rendered("[go](/x \"pick A\")\n\n```py pick B\nx\n```\n\nA\u{202e}B&#x202e;C `\u{e0041}\u{200b}`").unwrap();
        for said in ["/x \"pick A\"", "py pick B", "A\\u{202e}B\\u{202e}C", "\\u{e0041}\\u{200b}"] {
            assert!(page.contains(said), "{said}: {page}");
        }
        assert_eq!(rendered("[//]: # (pick this one)\n\ntext"), None, "shown as it is written");
    }

    #[test]
    fn what_is_too_deep_or_too_long_is_shown_as_it_is_written() {
        assert_eq!(rendered(&">".repeat(1000)), None);
        assert_eq!(rendered(&"a".repeat(LONGEST + 1)), None);
    }

    fn tags(page: &str) -> std::collections::BTreeSet<String> {
        Regex::new("<[^>]*>").unwrap().find_iter(page).map(|tag| tag.as_str().to_owned()).collect()
    }

    proptest! {
        #[test]
        fn no_text_brings_a_tag_of_its_own(text in "[ -~\n]{0,200}|([<>\"'=\\[\\]()!#*`|/ \n-]|script|img|a href|javascript:|on){0,60}") {
            let allowed = Regex::new(
                r#"^</?(p|em|strong|del|code|pre|ol|ul|li|blockquote|table|thead|tbody|tr|th|td|hr|br)( /)?>$|^<p class="heading">$|^<ol start="\d+">$|^<t[hd] style="text-align: (left|right|center)">$"#,
            ).unwrap();
            for tag in rendered(&text).iter().flat_map(|page| tags(page)) {
                prop_assert!(allowed.is_match(&tag), "{tag}");
            }
        }
    }
}
