// Comfort for the console: every page works without this file.
// Theme without a reload, copy buttons, "/" to search, menus that close.

const root = document.documentElement;

// Theme: the buttons are a form that sets the cookie; here it is set at once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  if (!form.matches("[data-theme-form]") || !button) return;
  event.preventDefault();
  const theme = button.value;
  const lifetime = theme === "system" ? 0 : 31536000;
  document.cookie = `loadline_theme=${theme}; path=/; max-age=${lifetime}; samesite=lax`;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  for (const other of form.querySelectorAll("button")) {
    other.setAttribute("aria-pressed", String(other === button));
  }
});

// Copy buttons are hidden until they can work, which they cannot over plain HTTP.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) {
    const text = button.parentElement.querySelector("code").textContent;
    await navigator.clipboard.writeText(text);
    const label = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 1600);
  }
  for (const menu of document.querySelectorAll(".picker[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

const isTyping = (element) => element.closest("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target)) {
    const search = document.getElementById("find");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
  if (event.key === "Escape") {
    const menu = event.target.closest(".picker[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
});
