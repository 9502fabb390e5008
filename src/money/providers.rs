//! Who is behind a host, by LiteLLM's names of providers.

/// Hosts, and the providers that LiteLLM's file has for them. A host below one of these counts as it: `mine.openai.azure.com`.
const PROVIDERS: &[(&str, &[&str])] = &[
    ("api.ai21.com", &["ai21"]),
    ("api.anthropic.com", &["anthropic"]),
    ("api.cerebras.ai", &["cerebras"]),
    ("api.cohere.ai", &["cohere_chat", "cohere"]),
    ("api.cohere.com", &["cohere_chat", "cohere"]),
    ("api.deepinfra.com", &["deepinfra"]),
    ("api.deepseek.com", &["deepseek"]),
    ("api.fireworks.ai", &["fireworks_ai"]),
    ("api.groq.com", &["groq"]),
    ("api.hyperbolic.xyz", &["hyperbolic"]),
    ("api.mistral.ai", &["mistral"]),
    ("api.moonshot.ai", &["moonshot"]),
    ("api.moonshot.cn", &["moonshot"]),
    ("api.novita.ai", &["novita"]),
    ("api.openai.com", &["openai"]),
    ("api.perplexity.ai", &["perplexity"]),
    ("api.sambanova.ai", &["sambanova"]),
    ("api.together.ai", &["together_ai"]),
    ("api.together.xyz", &["together_ai"]),
    ("api.x.ai", &["xai"]),
    ("cognitiveservices.azure.com", &["azure", "azure_ai"]),
    ("dashscope-intl.aliyuncs.com", &["dashscope"]),
    ("dashscope.aliyuncs.com", &["dashscope"]),
    ("generativelanguage.googleapis.com", &["gemini"]),
    ("openai.azure.com", &["azure"]),
    ("openrouter.ai", &["openrouter"]),
    ("services.ai.azure.com", &["azure_ai", "azure"]),
];

/// The providers behind a host, the likeliest first; none where the host is not known, as that of a gateway or of one's own machine.
pub(super) fn providers_of(host: &str) -> &'static [&'static str] {
    let host = host.to_ascii_lowercase();
    let is_it = |known: &str| host.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    PROVIDERS.iter().find(|(known, _)| is_it(known)).map_or(&[], |(_, providers)| providers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_known_by_their_end() {
        assert_eq!(providers_of("api.OpenAI.com"), ["openai"]);
        assert_eq!(providers_of("mine.openai.azure.com"), ["azure"]);
        assert_eq!(providers_of("eu.api.openai.com"), ["openai"]);
        for stranger in ["", "localhost", "127.0.0.1", "not-openrouter.ai", "openai.com", "api.openai.com.example"] {
            assert!(providers_of(stranger).is_empty(), "{stranger}");
        }
    }
}
