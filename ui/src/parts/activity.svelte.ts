// Reads the timeline: on opening, when something else is looked for, older pages when asked to, and what is new as it happens.
import { onDestroy } from "svelte";

import type { ActivityEntry } from "../generated/ActivityEntry";
import type { ActivityKind } from "../generated/ActivityKind";
import type { Failure } from "../generated/Failure";
import type { Reply } from "../generated/Reply";
import { failureOf } from "../host/host";
import { useLab } from "../host/lab.svelte";
import { joined, type Names } from "./activity";

/** What changes by itself is read no more often than this. */
const SELDOM_MS = 2_000;
/** What no snapshot shows is looked for this often. */
const LOOK_MS = 30_000;
/** Entries that are read for a copy, at most. */
const COPIED = 10_000;
const PAGE = 100;
const LARGEST_PAGE = 500;

/** What is looked for. */
export interface Wanted {
  kinds: ActivityKind[];
  profile: string | null;
  search: string;
}

/** The timeline, as long as the component lives that made it. */
export class Timeline {
  /** `null` until it has been read once. While another one is read, the last one stays. */
  entries = $state.raw<ActivityEntry[] | null>(null);
  names = $state.raw<Names>({});
  /** Where older ones go on; `null`: there are none. */
  next = $state.raw<string | null>(null);
  /** Why it could not be read. */
  failure = $state.raw<Failure | null>(null);
  /** Whether it is being read. */
  busy = $state(false);
  /** What has happened since, and waits until the user wants to see it. */
  waiting = $state.raw<ActivityEntry[]>([]);
  private wanted: Wanted = { kinds: [], profile: null, search: "" };
  private turn = 0;
  private asked = 0;
  private revision: number | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private readonly looks: ReturnType<typeof setInterval>;
  private readonly lab = useLab();

  /** `isAway` says whether the user has scrolled away from the newest entries, which must not move what is read then. */
  constructor(private readonly isAway: () => boolean) {
    this.looks = setInterval(() => void this.refresh(), LOOK_MS);
    onDestroy(() => {
      this.turn += 1;
      clearInterval(this.looks);
      this.calm();
    });
  }

  /** Reads anew what is looked for. */
  async read(wanted: Wanted): Promise<void> {
    this.calm();
    this.wanted = wanted;
    await this.follow(null, (page) => {
      this.entries = page.entries;
      this.names = page.names;
      this.next = page.next;
      this.waiting = [];
    });
  }

  /** Reads the next older page. */
  async older(): Promise<void> {
    const before = this.next;
    if (before === null) return;
    await this.follow(before, (page) => {
      const known = new Set(this.entries?.map(({ key }) => key));
      this.entries = [...(this.entries ?? []), ...page.entries.filter(({ key }) => !known.has(key))];
      this.names = { ...this.names, ...page.names };
      this.next = page.next;
    });
  }

  /** Something has changed: looks what is new, at once or as soon as that is not too often. */
  changed(revision: number): void {
    const first = this.revision === null;
    if (this.revision === revision) return;
    this.revision = revision;
    if (first || this.timer !== null) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.refresh();
    }, Math.max(0, this.asked + SELDOM_MS - Date.now()));
  }

  /** Shows what waits. */
  showWaiting(): void {
    this.entries = [...this.waiting, ...(this.entries ?? [])];
    this.waiting = [];
  }

  /** Everything that is looked for, page by page. */
  async all(): Promise<{ entries: ActivityEntry[]; names: Names }> {
    const entries: ActivityEntry[] = [];
    let [names, before]: [Names, string | null] = [{}, null];
    do {
      const page = await this.page(before, LARGEST_PAGE);
      entries.push(...page.entries);
      names = { ...names, ...page.names };
      before = page.next;
    } while (before !== null && entries.length < COPIED);
    return { entries, names };
  }

  /** Looks what is new. What could not be looked up is looked up again. */
  private async refresh(): Promise<void> {
    if (this.busy || this.entries === null) return;
    this.asked = Date.now();
    const turn = this.turn;
    try {
      const page = await this.page(null, PAGE);
      if (turn === this.turn) this.take(page);
    } catch {
      // The page says what it said; the next look comes.
    }
  }

  private take(page: Page): void {
    const known = this.entries ?? [];
    const together = joined(page.entries, [...this.waiting, ...known], page.next === null);
    this.names = { ...this.names, ...page.names };
    if (together === null || known.length === 0) {
      if (!this.isAway()) [this.entries, this.next, this.waiting] = [page.entries, page.next, []];
      return;
    }
    const shown = new Set(known.map(({ key }) => key));
    const first = together.findIndex(({ key }) => shown.has(key));
    this.waiting = this.isAway() && first > 0 ? together.slice(0, first) : [];
    this.entries = together.slice(this.waiting.length);
  }

  private async follow(before: string | null, take: (page: Page) => void): Promise<void> {
    const turn = ++this.turn;
    this.asked = Date.now();
    this.busy = true;
    try {
      const page = await this.page(before, PAGE);
      if (turn !== this.turn) return;
      take(page);
      this.failure = null;
    } catch (reason) {
      if (turn === this.turn) this.failure = failureOf(reason);
    } finally {
      if (turn === this.turn) this.busy = false;
    }
  }

  private async page(before: string | null, limit: number): Promise<Page> {
    const { kinds, profile, search } = this.wanted;
    const filter = { kinds, profile, search: search.trim() === "" ? null : search.trim(), since: null, until: null, before, limit };
    const reply = await this.lab.look({ method: "activity", params: { filter } });
    if (reply.kind !== "activity") throw failureOf(null);
    return reply;
  }

  private calm(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}

type Page = Extract<Reply, { kind: "activity" }>;
