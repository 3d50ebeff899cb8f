"use strict";
// Filters for readers with JavaScript. Without it everything is visible, and nothing else depends on it.
(() => {
  const byId = (id) => document.getElementById(id);
  const [form, status] = ["filters", "filter-status"].map(byId);
  const [outcome, mode, level, chapter, text] = ["outcome", "mode", "level", "chapter", "text"].map((name) => byId(`filter-${name}`));
  const items = [...document.querySelectorAll("[data-filter]")].map((element) => ({
    element,
    found: element.dataset.outcomes.trim().split(/\s+/).map((pair) => pair.split(":")),
    chapter: element.dataset.chapter,
    level: element.dataset.level,
    many: "anyChapter" in element.dataset,
    text: element.textContent.toLowerCase(),
  }));

  const apply = () => {
    const words = text.value.trim().toLowerCase().split(/\s+/);
    for (const item of items) {
      const fits = item.found.some(([where, what]) => (!mode.value || where === mode.value) && (!outcome.value || what === outcome.value))
        && (item.many || !chapter.value || item.chapter === chapter.value)
        && (item.many || !level.value || item.level === level.value)
        && words.every((word) => item.text.includes(word));
      item.element.hidden = !fits;
    }
    for (const group of document.querySelectorAll(".matrix tbody")) {
      group.hidden = !group.querySelector("[data-filter]:not([hidden])");
    }
    const clauses = document.querySelectorAll(".matrix [data-filter]");
    const shown = [...clauses].filter((row) => !row.hidden).length;
    status.textContent = shown === clauses.length ? "" : `${shown} of ${clauses.length} clauses shown; the lists below are filtered too.`;
  };

  // A link may lead to what a filter hides or to evidence that is folded: show it first.
  const reveal = () => {
    const target = byId(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest("[hidden]")) {
      form.reset();
      apply();
    }
    target.closest("details")?.setAttribute("open", "");
    target.scrollIntoView();
  };

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  addEventListener("hashchange", reveal);
  byId("unfold").addEventListener("click", (event) => {
    const folds = [...document.querySelectorAll("details")];
    const open = folds.some((fold) => !fold.open);
    folds.forEach((fold) => { fold.open = open; });
    event.currentTarget.textContent = open ? "Fold evidence" : "Unfold evidence";
  });
  reveal();
})();
