// Studio shows tables without their comments. This script, added to its page, shows them in a panel of its own: those
// of the table that is open, or of all tables while none is. It reads Studio's own catalogue and touches nothing else. Shut
// it is in the bar at the top, where nothing else is.

const style = `
  #comments { position: fixed; left: 300px; top: 7px; z-index: 10; max-width: 20rem; max-height: calc(100vh - 14px);
    overflow: auto; box-sizing: border-box; padding: 6px 14px;
    background: #1c1c1c; color: #ededed; border: 1px solid #3e3e3e; border-radius: 6px;
    font: 13px/1.5 Inter, system-ui, sans-serif }
  #comments summary { cursor: pointer; color: #b4b4b4 }
  #comments h2 { font-weight: 600; margin: 8px 0 2px } #comments dt { color: #3ecf8e; margin-top: 6px }
  #comments dd { margin: 0 } #comments a { color: inherit }`;

const element = (name, text = "", ...children) => {
  const node = document.createElement(name);
  node.append(...[text, ...children].filter((child) => child !== ""));
  return node;
};

const panel = element("details", "", element("summary", "Comments"));
panel.id = "comments";
panel.open = true;
document.head.append(element("style", style));
document.body.append(panel);

/** The table in the address, `/editor/leads.imports`; without a schema it is one of `public`. `/editor/leads.` has none. */
const openTable = () => {
  const name = /^\/editor\/(.+)$/.exec(decodeURIComponent(location.pathname))?.[1];
  if (name === undefined || name.endsWith(".")) return undefined;
  const [schema, ...table] = name.includes(".") ? name.split(".") : ["public", name];
  return { schema, table: table.join(".") };
};

const describeTable = (comments, { schema, table }) => {
  const own = comments.filter((comment) => comment.schema === schema && comment.table === table);
  const columns = own.filter((comment) => comment.column);
  return [
    element("h2", `${schema}.${table}`),
    element("p", own.find((comment) => !comment.column)?.text ?? "No comment on this table."),
    element("dl", "", ...columns.flatMap(({ column, text }) => [element("dt", column), element("dd", text)])),
  ];
};

const describeAll = (comments) => {
  const tables = comments.filter((comment) => !comment.column);
  tables.sort((a, b) => `${a.schema}.${a.table}`.localeCompare(`${b.schema}.${b.table}`));
  const entries = tables.flatMap(({ schema, table, text }) => {
    const link = element("a", `${schema}.${table}`);
    link.href = `/editor/${schema === "public" ? table : `${schema}.${table}`}`;
    return [element("dt", "", link), element("dd", text)];
  });
  return [element("h2", "Tables"), element("dl", "", ...entries)];
};

const { comments } = await (await fetch("/_system/introspect")).json();
let shown;
// Studio changes the address without an event that every browser tells.
setInterval(() => {
  if (shown === location.pathname) return;
  shown = location.pathname;
  const table = openTable();
  // Open it would lie over the rows.
  panel.open = !table;
  panel.replaceChildren(panel.firstElementChild, ...(table ? describeTable(comments, table) : describeAll(comments)));
}, 200);
