// Keeps what stays of a map for the component that draws it, by the digest of its content.
// Streamlit sends a message again only where the browser does not have it any more, so this is sent once.

const MOST = 4; // maps of this tab, the last first

export default function ({ data }) {
  const kept = (globalThis.distillationDriftGrounds ??= new Map());
  kept.delete(data.digest);
  kept.set(data.digest, data);
  while (kept.size > MOST) kept.delete(kept.keys().next().value);
  dispatchEvent(new CustomEvent("distillation-drift-ground"));
}
