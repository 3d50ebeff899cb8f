"use strict";
// A filter for readers with JavaScript. Without it everything is visible, and nothing else depends on it.
(() => {
  const [form, text, status] = ["filters", "filter-text", "filter-status"].map((id) => document.getElementById(id));
  const rows = [...document.querySelectorAll("[data-filter]")].map((element) => ({ element, text: element.textContent.toLowerCase() }));

  const apply = () => {
    const words = text.value.trim().toLowerCase().split(/\s+/);
    for (const row of rows) row.element.hidden = !words.every((word) => row.text.includes(word));
    if (text.value.trim()) document.querySelectorAll("details").forEach((fold) => { fold.open = true; });
    const shown = rows.filter((row) => !row.element.hidden).length;
    status.textContent = shown === rows.length ? "" : `${shown} of ${rows.length} rows shown.`;
  };

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(apply));
})();
