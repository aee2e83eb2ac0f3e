/** Style sheets of hosts that reset everything: the parts that reach into a component. */

/** Tailwind CSS 3, preflight (MIT), in no layer. */
export const TAILWIND_PREFLIGHT = `
*, ::before, ::after { box-sizing: border-box; border-width: 0; border-style: solid; border-color: #e5e7eb }
html { line-height: 1.5; -webkit-text-size-adjust: 100%; tab-size: 4 }
body { margin: 0; line-height: inherit }
h1, h2, h3, h4, h5, h6 { font-size: inherit; font-weight: inherit }
a { color: inherit; text-decoration: inherit }
b, strong { font-weight: bolder }
button, input, optgroup, select, textarea {
  font-family: inherit; font-size: 100%; font-weight: inherit; line-height: inherit; letter-spacing: inherit;
  color: inherit; margin: 0; padding: 0
}
button, select { text-transform: none }
button, [type='button'], [type='reset'], [type='submit'] {
  -webkit-appearance: button; background-color: transparent; background-image: none
}
blockquote, dl, dd, h1, h2, h3, h4, h5, h6, hr, figure, p, pre { margin: 0 }
ol, ul, menu { list-style: none; margin: 0; padding: 0 }
button, [role='button'] { cursor: pointer }
img, svg, video, canvas, audio, iframe, embed, object { display: block; vertical-align: middle }
img, video { max-width: 100%; height: auto }
`;

/** Bootstrap 5, reboot (MIT). */
export const BOOTSTRAP_REBOOT = `
*, ::before, ::after { box-sizing: border-box }
h6, h5, h4, h3, h2, h1 { margin-top: 0; margin-bottom: 0.5rem; font-weight: 500; line-height: 1.2 }
h3 { font-size: calc(1.3rem + 0.6vw) }
p { margin-top: 0; margin-bottom: 1rem }
ol, ul { padding-left: 2rem }
ol, ul, dl { margin-top: 0; margin-bottom: 1rem }
a { color: #0d6efd; text-decoration: underline }
a:hover { color: #0a58ca }
img, svg { vertical-align: middle }
button { border-radius: 0 }
button:focus:not(:focus-visible) { outline: 0 }
input, button, select, optgroup, textarea { margin: 0; font-family: inherit; font-size: inherit; line-height: inherit }
button, [type="button"], [type="reset"], [type="submit"] { -webkit-appearance: button }
`;

/** What many pages begin with. */
export const UNIVERSAL_RESET = `
* { margin: 0; padding: 0; border: 0; box-sizing: content-box; font: inherit; vertical-align: baseline }
ul { list-style: square inside }
section { padding: 40px; background: hotpink }
section, li, span { display: block }
li { float: left; margin: 4px }
`;

/** Names that hosts use, none of which is ours. */
export const CLASS_NAMES = `
.container { width: 100px; padding: 50px } .card { display: none } .avatar { width: 200px; border-radius: 0 }
.title { font-size: 40px } .badge { display: none } .list { columns: 4 } .item { float: left } .user { color: red }
.name { display: none } .dot { transform: scale(4) } .grid { display: block } .tooltip { opacity: 0 }
`;
