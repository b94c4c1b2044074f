// Where reading goes on after a dialog shows its next step.

/** Takes the focus as soon as it is on the page. For an element that has `tabindex="-1"`. */
export function arrive(node: HTMLElement): void {
  node.focus();
}
