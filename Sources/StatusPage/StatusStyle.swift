import Markup

/// The style sheet of the page, for light and dark mode. It is part of the page because a page loads nothing else.
enum StatusStyle {
  static let css: HTML = """
    :root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1a1f27;--soft:#5b6675;--line:#dde2e9;--accent:#2257c4;\
    --ok:#17713d;--okbg:#dff3e6;--warn:#8a5a00;--warnbg:#fdf0d0;--bad:#b3261e;--badbg:#fbe4e2;--full:#2257c4;--part:#7d92b8}
    @media (prefers-color-scheme:dark){:root{--bg:#12161c;--card:#1a2029;--ink:#e6eaf0;--soft:#9aa6b5;--line:#2d3643;\
    --accent:#8fb4ff;--ok:#7fd8a0;--okbg:#16341f;--warn:#f0c465;--warnbg:#3a2d0c;--bad:#ff9a92;--badbg:#43191a;\
    --full:#8fb4ff;--part:#6b7f9e}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
    main,header{max-width:72rem;margin:0 auto;padding:0 1rem}
    header{padding-top:1.25rem}
    h1{font-size:1.35rem;margin:0;overflow-wrap:anywhere}
    h2{font-size:1.05rem;margin:2rem 0 .6rem}
    h3{font-size:.95rem;margin:0;display:flex;justify-content:space-between;gap:.5rem;flex-wrap:wrap}
    p{margin:.3rem 0}
    a{color:var(--accent)}
    .soft,.none{color:var(--soft)}
    .pill{display:inline-block;padding:.05rem .55rem;border-radius:1rem;font-size:.82rem;font-weight:600;white-space:nowrap}
    .ok{color:var(--ok);background:var(--okbg)}.warn{color:var(--warn);background:var(--warnbg)}
    .bad{color:var(--bad);background:var(--badbg)}.plain{color:var(--soft);background:var(--bg);font-weight:400}
    .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,21rem),1fr));gap:1rem}
    .card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.9rem 1rem;min-width:0;\
    display:flex;flex-direction:column}
    dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.1rem .9rem;margin:.5rem 0 .6rem;\
    align-items:baseline}
    dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
    code,.mono,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em}
    pre{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.8rem 1rem;margin:0}
    .plot{width:100%;height:auto;display:block;margin-top:auto}
    .plot text{fill:var(--soft);font-size:10px}
    .plot .grid{stroke:var(--line);stroke-width:1}.plot .stem{stroke-width:1.6;opacity:.35}
    .plot .full{fill:var(--full);stroke:var(--full)}.plot .part{fill:var(--part);stroke:var(--part)}
    .plot .bad{fill:none;stroke:var(--bad);background:none}.plot .bad path{stroke-width:2}
    .key{display:flex;gap:1rem;flex-wrap:wrap;font-size:.82rem;color:var(--soft)}
    .key i{display:inline-block;width:.65em;height:.65em;border-radius:50%;margin-right:.35em}
    form{display:flex;gap:.5rem;flex-wrap:wrap;margin-bottom:.8rem}
    input,select,button{font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:.4rem;\
    padding:.35rem .6rem}
    input{flex:1 1 14rem;min-width:0}button{cursor:pointer;font-weight:600}
    table{width:100%;border-collapse:collapse;background:var(--card);border:1px solid var(--line);border-radius:.6rem}
    th,td{text-align:left;vertical-align:top;padding:.45rem .7rem;border-top:1px solid var(--line);white-space:nowrap}
    td.name,td.wrap{white-space:normal;overflow-wrap:anywhere}
    thead th{border-top:0;font-size:.82rem;color:var(--soft);font-weight:600;white-space:nowrap}
    td div+div{margin-top:.1rem}
    .num{text-align:right;font-variant-numeric:tabular-nums}
    nav{display:flex;gap:.9rem;flex-wrap:wrap;margin:.8rem 0;align-items:center}
    details{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.6rem 1rem}
    summary{cursor:pointer;font-weight:600}
    footer{max-width:72rem;margin:2rem auto;padding:0 1rem;color:var(--soft);font-size:.85rem}
    @media (max-width:44rem){
    thead{display:none}table,tbody{display:block}
    table{background:none;border:0}
    tr{display:block;background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.4rem .8rem;margin-bottom:.6rem}
    td{display:grid;grid-template-columns:6.5rem minmax(0,1fr);gap:.5rem;border:0;padding:.18rem 0}
    td::before{content:attr(data-label);color:var(--soft);font-size:.82rem;font-family:system-ui,sans-serif}
    td{white-space:normal;overflow-wrap:anywhere}td>*{grid-column:2;justify-self:start}td.name{display:block;font-weight:600;font-size:1rem}td.name::before{content:none}
    td:empty,td:has(>:empty){display:none}.num{text-align:left}
    }
    """
}
