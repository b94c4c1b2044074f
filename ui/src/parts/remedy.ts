// Which button a failure gets.
import type { Code } from "../generated/Code";

/** What the window can do about a failure; `none` leaves it to the hints. */
export type Remedy = "retry" | "device_code" | "check_again" | "none";

const remedies: Record<Code, Remedy> = {
  invalid_input: "none",
  not_found: "check_again",
  already_exists: "none",
  not_possible_now: "check_again",
  cancelled: "retry",
  sign_in_refused: "retry",
  wrong_account: "retry",
  sign_in_expired: "retry",
  port_busy: "device_code",
  sign_in_running: "retry",
  state_mismatch: "retry",
  needs_sign_in: "none",
  network: "retry",
  provider: "retry",
  bad_login_file: "check_again",
  bad_home: "check_again",
  storage_denied: "check_again",
  storage_full: "check_again",
  storage_read_only: "check_again",
  storage: "check_again",
  newer_version: "none",
  locked: "retry",
  vault_locked: "check_again",
  vault_denied: "check_again",
  vault_missing: "check_again",
  vault_corrupt: "check_again",
  wrong_passphrase: "none",
  codex_missing: "check_again",
  codex_store_mode: "check_again",
  codex_forced: "check_again",
  codex_config: "check_again",
  live_login_unsafe: "check_again",
  daemon_failed: "check_again",
  already_serving: "none",
  gateway_port_busy: "check_again",
  gateway_down: "check_again",
  exhausted: "check_again",
  no_notifications: "check_again",
  hook_refused: "check_again",
  client_config: "check_again",
  internal: "retry",
};

/** The button for a failure of this code. */
export function remedy(code: Code): Remedy {
  return remedies[code];
}
