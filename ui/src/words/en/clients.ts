// What is said about programs that can go through the gateway.
import type { Client } from "../../generated/Client";
import type { ClientState } from "../../generated/ClientState";

const named: Record<Client, string> = { codex: "Codex", opencode: "opencode" };

const state: Record<ClientState, string> = {
  not_found: "Not on this computer.",
  not_connected: "Uses its own login.",
  connected: "Goes through the gateway always.",
  changed_since: "Its configuration was changed since it was connected.",
};

export const clients = {
  title: "Connected programs",
  text: "A connected program goes through the gateway, which chooses the account for each session. That changes a few lines of its configuration, and disconnecting puts them back.",
  named,
  state,
  connect: "Connect",
  disconnect: "Disconnect",
};
