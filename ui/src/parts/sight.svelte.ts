// Which rows of a long list stand in the page: those in sight, a few around them, and the one that has the focus.
import { defaultRangeExtractor, observeWindowOffset, observeWindowRect, Virtualizer, windowScroll, type VirtualizerOptions } from "@tanstack/virtual-core";
import { tick, untrack } from "svelte";

/** Lists up to this long stand in the page as a whole. */
const SHORT = 50;
/** Rows above and below those in sight: Tab always finds a next one. */
const AROUND = 6;
/** What a row takes, in rem, until it is measured: the meters stand below the name where the window is not wide. */
const USUAL_HEIGHTS: [string, number][] = [
  ["(max-width: 30rem)", 9.5],
  ["(max-width: 76rem)", 7],
];
const WIDE = 4.25;

/** A row that stands in the page. */
export interface Line {
  index: number;
  /** Room above it for the rows that do not, in pixels. */
  above: number;
}

/** The part of a list that is in the page. Made while a component is set up. */
export class Sight {
  private some = $state.raw<Line[]>([]);
  private rest = $state(0);
  private held: string | null = null;
  private readonly rows: Virtualizer<Window, HTMLElement>;

  /** `list` is there once the component is; `keys` name the rows in order. */
  constructor(
    private readonly list: () => HTMLElement | null | undefined,
    private readonly keys: () => string[],
  ) {
    this.rows = untrack(() => new Virtualizer(this.options(keys())));
    untrack(() => this.take());
    $effect(() => this.rows._didMount());
    $effect(() => {
      const now = keys();
      untrack(() => this.look(now));
    });
  }

  /** In the list's order. */
  get lines(): Line[] {
    const keys = this.keys();
    return keys.length > SHORT ? this.some : keys.map((_, index) => ({ index, above: 0 }));
  }

  /** Room below the last one, in pixels. */
  get below(): number {
    return this.keys().length > SHORT ? this.rest : 0;
  }

  /** Watches a row's height. For `{@attach}`. */
  readonly watch = (row: HTMLElement) => {
    this.rows.measureElement(row);
    return () => this.rows.measureElement(null);
  };

  /** Keeps the row of this key in the page, wherever is scrolled to; `null` keeps none. */
  hold(key: string | null): void {
    this.held = key;
  }

  /** Brings a row into the page and into sight. */
  async bring(index: number): Promise<void> {
    if (this.keys().length <= SHORT) return;
    this.rows.scrollToIndex(index, { align: "auto" });
    this.take();
    await tick();
  }

  private look(keys: string[]): void {
    this.rows.setOptions(this.options(keys));
    this.rows._willUpdate();
    this.take();
  }

  private options(keys: string[]): VirtualizerOptions<Window, HTMLElement> {
    const list = this.list();
    const usual = usualHeight();
    return {
      count: keys.length,
      enabled: keys.length > SHORT,
      getItemKey: (index) => keys[index] ?? index,
      estimateSize: () => usual,
      overscan: AROUND,
      scrollMargin: list == null ? 0 : list.getBoundingClientRect().top + window.scrollY,
      getScrollElement: () => window,
      initialRect: { width: window.innerWidth, height: window.innerHeight },
      initialOffset: () => window.scrollY,
      observeElementRect: observeWindowRect,
      observeElementOffset: observeWindowOffset,
      scrollToFn: windowScroll,
      rangeExtractor: (range) => {
        const held = this.held === null ? -1 : keys.indexOf(this.held);
        const shown = defaultRangeExtractor(range);
        return held < 0 || shown.includes(held) ? shown : [...shown, held].sort((a, b) => a - b);
      },
      onChange: () => this.take(),
    };
  }

  private take(): void {
    const { scrollMargin } = this.rows.options;
    let end = scrollMargin;
    this.some = this.rows.getVirtualItems().map((item) => {
      const above = item.start - end;
      end = item.end;
      return { index: item.index, above };
    });
    this.rest = scrollMargin + this.rows.getTotalSize() - end;
  }
}

function usualHeight(): number {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  return (USUAL_HEIGHTS.find(([media]) => window.matchMedia(media).matches)?.[1] ?? WIDE) * rem;
}
