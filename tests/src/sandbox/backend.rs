//! What an account may ask about itself: workspaces, models, usage (codex-runtime.md 1.1, 2.5, 4.3).

use http::StatusCode;
use serde_json::{Value, json};

use super::account::SandboxAccount;
use super::intake::Incoming;
use super::mint::organization;
use super::reply::{Reply, error, json_reply, ok};
use super::world::{Caller, Proof, World};

/// The models every account may use, best first; the last is the cheapest.
const MODELS: [(&str, &str); 3] = [("gpt-6.1-sol", "GPT-6.1-Sol"), ("gpt-6-astra", "GPT-6-Astra"), ("gpt-6-luna", "GPT-6-Luna")];

/// Which proof an endpoint takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    Login,
    ApiKey,
    Either,
}

/// The caller, if it may ask here; else the refusal.
pub(crate) fn caller(world: &World, incoming: &Incoming, needs: Needs) -> Result<Caller, Box<Reply>> {
    let refuse = |code: &str, message: &str| Err(Box::new(error(StatusCode::UNAUTHORIZED, code, message)));
    let books = world.books();
    let Some(bearer) = incoming.bearer() else {
        return refuse("missing_bearer", "You didn't provide credentials.");
    };
    let unknown = if needs == Needs::ApiKey { "invalid_api_key" } else { "token_invalidated" };
    let Some(caller) = books.caller(bearer) else {
        return refuse(unknown, "Your credentials are not known here.");
    };
    match caller.proof {
        Proof::ApiKey if needs == Needs::Login => refuse(unknown, "An API key does not serve here."),
        Proof::AccessToken { .. } if needs == Needs::ApiKey => refuse(unknown, "A ChatGPT login does not serve here."),
        Proof::AccessToken { expires } if expires <= world.clock.unix() => {
            refuse("token_expired", "Provided authentication token is expired. Please try signing in again.")
        }
        Proof::AccessToken { .. } => match stray_workspace(incoming, books.account(&caller.account)) {
            Some(refusal) => Err(Box::new(refusal)),
            None => Ok(caller),
        },
        Proof::ApiKey => Ok(caller),
    }
}

/// A `chatgpt-account-id` that is not the token's own: two accounts mixed up by the client.
fn stray_workspace(incoming: &Incoming, account: Option<&SandboxAccount>) -> Option<Reply> {
    let named = incoming.headers.get("chatgpt-account-id")?.to_str().ok()?;
    let own = account?.account_id.as_str();
    (named != own).then(|| error(StatusCode::FORBIDDEN, "account_mismatch", "The token is of another workspace."))
}

/// The account of a caller, with its windows brought up to date.
fn account(world: &World, incoming: &Incoming, needs: Needs) -> Result<SandboxAccount, Box<Reply>> {
    let caller = caller(world, incoming, needs)?;
    let mut books = world.books();
    let account = books.settled(&caller.account, world.clock.unix()).cloned();
    account.ok_or_else(|| Box::new(error(StatusCode::UNAUTHORIZED, "account_deactivated", "The account is gone.")))
}

fn answered(account: Result<SandboxAccount, Box<Reply>>, tell: impl FnOnce(&SandboxAccount) -> Value) -> Reply {
    account.map_or_else(|refusal| *refusal, |account| ok(&tell(&account)))
}

/// `GET /backend-api/wham/accounts/check`: every workspace of this person.
pub(crate) fn accounts_check(world: &World, incoming: &Incoming) -> Reply {
    answered(account(world, incoming, Needs::Login), |own| {
        let books = world.books();
        let same_person = books.accounts().iter().filter(|other| other.user_id == own.user_id);
        let workspaces: Vec<&SandboxAccount> = same_person.collect();
        let entry = |account: &&SandboxAccount| {
            json!({
                "id": account.account_id,
                "plan_type": account.plan,
                "name": account.workspace,
                "structure": account.structure(),
                "workspace_backend_origin": "https://chatgpt.com",
                "account_routing_override": "NO_CONSTRAINT",
            })
        };
        json!({
            "accounts": workspaces.iter().map(entry).collect::<Vec<_>>(),
            "default_account_id": own.account_id,
            "account_ordering": workspaces.iter().map(|account| &account.account_id).collect::<Vec<_>>(),
        })
    })
}

/// `GET /backend-api/wham/usage`.
pub(crate) fn usage(world: &World, incoming: &Incoming) -> Reply {
    answered(account(world, incoming, Needs::Login), |account| {
        json!({
            "user_id": account.user_id,
            "account_id": account.account_id,
            "email": account.email,
            "plan_type": account.plan,
            "rate_limit": account.quota.usage(world.clock.unix()),
            "code_review_rate_limit": null,
            "additional_rate_limits": null,
            "credits": {"has_credits": false, "unlimited": false, "overage_limit_reached": false, "balance": "0"},
            "spend_control": {"reached": false, "individual_limit": null},
            "rate_limit_reached_type": null,
            "rate_limit_reset_credits": {"available_count": 0},
        })
    })
}

/// `GET /backend-api/wham/rate-limit-reset-credits`.
pub(crate) fn reset_credits(world: &World, incoming: &Incoming) -> Reply {
    answered(account(world, incoming, Needs::Login), |_| json!({"available_count": 0, "credits": []}))
}

/// `GET /backend-api/wham/settings/user`: the sandbox keeps none, which the CLI takes well.
pub(crate) fn user_settings(world: &World, incoming: &Incoming) -> Reply {
    match caller(world, incoming, Needs::Login) {
        Ok(_) => error(StatusCode::NOT_FOUND, "not_found", "There are no settings."),
        Err(refusal) => *refusal,
    }
}

/// `GET /backend-api/wham/config/bundle`: the workspace sets no policies.
pub(crate) fn policy_bundle(world: &World, incoming: &Incoming) -> Reply {
    answered(account(world, incoming, Needs::Login), |_| json!({}))
}

/// `POST /backend-api/ps/mcp`: an MCP server without tools, so that the CLI has nothing to complain of.
pub(crate) fn tools(world: &World, incoming: &Incoming) -> Reply {
    if let Err(refusal) = caller(world, incoming, Needs::Login) {
        return *refusal;
    }
    let call = incoming.json();
    let result = match call["method"].as_str() {
        Some("initialize") => json!({
            "protocolVersion": call["params"]["protocolVersion"],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "sandbox", "version": "1"},
        }),
        Some("tools/list") => json!({"tools": []}),
        _ => json!({}),
    };
    if call["id"].is_null() {
        return json_reply(StatusCode::ACCEPTED, &json!({}));
    }
    ok(&json!({"jsonrpc": "2.0", "id": call["id"], "result": result}))
}

/// `GET /backend-api/codex/models`: the catalog as the CLI reads it.
pub(crate) fn models(world: &World, incoming: &Incoming) -> Reply {
    answered(account(world, incoming, Needs::Either), |_| json!({"models": catalog()}))
}

/// `GET /v1/models`: the platform's list; 401 for an unknown key.
pub(crate) fn api_models(world: &World, incoming: &Incoming) -> Reply {
    match account(world, incoming, Needs::ApiKey) {
        Ok(account) => {
            let owner = organization(&account);
            let entry = |(slug, _): (&str, &str)| json!({"id": slug, "object": "model", "created": 1_700_000_000, "owned_by": "sandbox"});
            let list: Vec<Value> = MODELS.into_iter().map(entry).collect();
            let mut reply = json_reply(StatusCode::OK, &json!({"object": "list", "data": list}));
            super::reply::add_headers(&mut reply, &[("openai-organization".to_owned(), owner)]);
            reply
        }
        Err(refusal) => *refusal,
    }
}

fn catalog() -> Vec<Value> {
    let level = |effort: &str| json!({"effort": effort, "description": effort});
    let entry = |(priority, (slug, name)): (usize, (&str, &str))| {
        json!({
            "slug": slug,
            "display_name": name,
            "description": format!("{name} as the sandbox plays it."),
            "default_reasoning_level": "low",
            "supported_reasoning_levels": [level("low"), level("medium"), level("high")],
            "shell_type": "unified_exec",
            "visibility": "list",
            "supported_in_api": true,
            "priority": priority + 1,
            "availability_nux": null,
            "upgrade": null,
            "base_instructions": "You are the sandbox.",
            "use_responses_lite": true,
            "supports_search_tool": true,
            "default_reasoning_summary": "none",
            "support_verbosity": true,
            "default_verbosity": "low",
            "apply_patch_tool_type": "freeform",
            "truncation_policy": {"mode": "tokens", "limit": 10_000},
            "context_window": 272_000,
            "max_context_window": 272_000,
            "effective_context_window_percent": 95,
            "experimental_supported_tools": [],
            "input_modalities": ["text", "image"],
        })
    };
    MODELS.into_iter().enumerate().map(entry).collect()
}
