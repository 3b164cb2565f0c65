namespace Shop.Pages;

internal static class Style
{
    public const string Css = """
        :root { --ink: #1d2733; --soft: #5d6b7a; --line: #dde3ea; --paper: #fff; --ground: #f4f6f9; --accent: #1f6feb; --bad: #b3261e; --good: #1a7f4b; }
        * { box-sizing: border-box; }
        body { margin: 0; font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; color: var(--ink); background: var(--ground); }
        header { display: flex; justify-content: space-between; align-items: center; padding: .9rem max(1rem, calc(50% - 29rem)); background: var(--ink); }
        header a { color: #fff; text-decoration: none; margin-left: 1.5rem; }
        header .name { font-weight: 700; margin: 0; }
        main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem; }
        footer { max-width: 60rem; margin: 0 auto; padding: 1rem; color: var(--soft); font-size: .85rem; border-top: 1px solid var(--line); }
        h1 { font-size: 1.6rem; margin: 0 0 1rem; } h2 { font-size: 1.05rem; margin: 0; }
        input, select, button { font: inherit; padding: .45rem .7rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--paper); color: inherit; }
        button { background: var(--accent); border-color: var(--accent); color: #fff; cursor: pointer; } button:hover { filter: brightness(1.1); }
        .row { display: flex; gap: .6rem; align-items: center; flex-wrap: wrap; } .row > input[name=q] { flex: 1; min-width: 12rem; }
        .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1rem; margin: 1.2rem 0; }
        .card { background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; display: flex; flex-direction: column; gap: .5rem; }
        .card .row { justify-content: space-between; margin-top: auto; } .card input[type=number] { width: 5rem; }
        .tag { font-size: .78rem; color: var(--soft); border: 1px solid var(--line); border-radius: 1rem; padding: .05rem .6rem; } .tag.sale { color: var(--bad); border-color: currentColor; }
        .price { font-weight: 700; } .soft { color: var(--soft); } .note { background: #fff7e0; border: 1px solid #f0dca0; border-radius: .4rem; padding: .6rem .9rem; }
        .bad { color: var(--bad); } .good { color: var(--good); }
        table { width: 100%; border-collapse: collapse; background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; overflow: hidden; }
        td, th { padding: .55rem .9rem; border-bottom: 1px solid var(--line); text-align: left; } .number { text-align: right; } main a { color: var(--accent); } tr:last-child td { border-bottom: 0; }
        .total td { font-weight: 700; font-size: 1.15rem; }
        pre { background: var(--ink); color: #d7e0ea; padding: 1rem; border-radius: .6rem; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .82rem; line-height: 1.6; min-height: 4rem; }
        """;
}
