// The host in the desktop app: Tauri's commands, one channel and one event.
import { Channel, invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";

import type { Reply } from "../generated/Reply";
import type { Request } from "../generated/Request";
import type { Snapshot } from "../generated/Snapshot";
import type { Host, Opening, Start } from "./host";

declare global {
  interface Window {
    /** As the program sets it before the page begins. */
    readonly codexLab?: Start;
  }
}

/** The desktop app around the window. */
export class TauriHost implements Host {
  readonly start = window.codexLab ?? null;

  call(request: Request): Promise<Reply> {
    return invoke<Reply>("rpc", { request });
  }

  async subscribe(onSnapshot: (snapshot: Snapshot) => void): Promise<() => void> {
    const channel = new Channel<Snapshot>(onSnapshot);
    await invoke("subscribe", { channel });
    return () => {
      channel.onmessage = () => {};
    };
  }

  opening(): Promise<Opening> {
    return invoke<Opening>("page");
  }

  onShowPage(show: (opening: Opening) => void): Promise<() => void> {
    return listen<Opening>("show-page", (event) => show(event.payload));
  }

  copy(text: string): Promise<void> {
    return invoke("copy", { text });
  }

  zoom(percent: number): Promise<void> {
    return invoke("zoom", { percent });
  }
}
