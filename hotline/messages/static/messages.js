// Fetches the list of SMS every two seconds, as long as the page is looked at, and says so when one is new.
const list = document.getElementById("messages");
const news = document.getElementById("news");
let shown = list.innerHTML;

const newest = () => list.querySelector("li");
const newestId = () => Number(newest()?.dataset.id ?? 0);

async function refresh() {
  try {
    const response = await fetch(list.dataset.source, { cache: "no-cache" });
    if (!response.ok) throw new Error(response.statusText);
    const text = await response.text();
    if (text !== shown) {
      const before = newestId();
      list.innerHTML = text; // written by our own server, which escapes what is in the messages
      if (newestId() > before) news.textContent = `Neue SMS an ${newest().dataset.phone}`;
    }
    shown = text;
    if (news.dataset.lost) {
      news.textContent = "";
      delete news.dataset.lost;
    }
  } catch {
    news.dataset.lost = "yes";
    news.textContent = "Keine Verbindung zur Hotline, neuer Versuch …";
  }
}

setInterval(() => { if (!document.hidden) refresh(); }, 2000);
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
