// The contents at the side of a wide screen.

const wide = matchMedia("(min-width: 68rem)");

/** Marks the section that is being read; folds the contents on narrow screens. */
export function setUpContents(): void {
  const fold = document.querySelector<HTMLDetailsElement>("nav details");
  if (fold === null) return;
  const links = [...fold.querySelectorAll<HTMLAnchorElement>("a")];
  const sections = links.map((link) => document.getElementById(link.hash.slice(1)));
  const fit = (): void => {
    fold.open = wide.matches;
  };
  fit();
  wide.addEventListener("change", fit);
  let isDue = false;
  const mark = (): void => {
    isDue = false;
    const line = innerHeight / 3;
    const isRead = (section: HTMLElement | null): boolean =>
      section !== null && section.getBoundingClientRect().top <= line;
    // At the end of the page its last sections cannot reach the line.
    const isEnd = scrollY > 0 && scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
    const current = isEnd ? links.length - 1 : Math.max(0, sections.findLastIndex(isRead));
    links.forEach((link, index) => {
      if (index === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  };
  addEventListener(
    "scroll",
    () => {
      if (!isDue) requestAnimationFrame(mark);
      isDue = true;
    },
    { passive: true },
  );
  mark();
}

/** Opens what is folded around the target of a link. */
function openTarget(): void {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const own = target?.querySelector<HTMLDetailsElement>(":scope > details:only-child");
  let fold = own ?? target?.closest("details");
  while (fold) {
    fold.open = true;
    fold = fold.parentElement?.closest("details");
  }
}

export function setUpTargets(): void {
  addEventListener("hashchange", openTarget);
  openTarget();
}
