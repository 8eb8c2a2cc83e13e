import pytest

from crucible_core.stages.report.svg import follows_theme, safe_svg
from crucible_core.stages.report.svg_style import UnsafeFigureError

XMLNS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def clean(inside: str, attributes: str = "") -> str:
    return safe_svg(f"<svg {XMLNS} {attributes}>{inside}</svg>", "figure-1", "what it shows")


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<script href="https://evil.example/x.js"/>',
        "<foreignObject><p>hi</p></foreignObject>",
        '<g xmlns:h="http://www.w3.org/1999/xhtml"><h:script>1</h:script></g>',
        '<rect onclick="alert(1)"/>',
        '<rect ONLOAD="alert(1)"/>',
        '<a href="https://evil.example"><rect/></a>',
        '<a xlink:href="javascript:alert(1)"><rect/></a>',
        '<use href="https://evil.example/x.svg#a"/>',
        '<image href="https://evil.example/x.png"/>',
        '<image xlink:href="file:///etc/passwd"/>',
        '<image href="data:image/svg+xml;base64,PHN2Zy8+"/>',
        '<use href="data:image/png;base64,AAAA"/>',
        '<rect fill="url(https://evil.example/x.svg#a)"/>',
        '<rect style="fill: url(//evil.example/a)"/>',
        "<rect style=\"background: image-set('https://evil.example/x' 1x)\"/>",
        r'<rect style="fill: \75rl(https://evil.example)"/>',
        '<rect style="width: expression(alert(1))"/>',
        "<style>@import 'https://evil.example/x.css';</style>",
        "<style>@import url(https://evil.example/x.css);</style>",
        "<style>@font-face { font-family: x; src: url(https://evil.example/x) }</style>",
        "<style>rect { background: url('https://evil.example') }</style>",
        "<style>rect { fill: u/**/rl(https://evil.example) }</style>",
        "<style>} body { display: none</style>",
        "<style>rect { fill: red</style>",
        "<style>rect { body { display: none } }</style>",
        '<animate attributeName="href" to="javascript:alert(1)"/>',
        '<set attributeName="onclick" to="alert(1)"/>',
        "<iframe/>",
        "<title><g/></title>",
        '<g xml:base="https://evil.example/"/>',
    ],
)
def test_what_a_drawing_does_not_need_is_refused(inside):
    with pytest.raises(UnsafeFigureError) as refusal:
        clean(inside)
    assert str(refusal.value)


@pytest.mark.parametrize(
    "svg",
    [
        "",
        "not xml",
        "<svg>",
        "<html></html>",
        '<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg>&a;</svg>',
        '<?xml version="1.0"?><!DOCTYPE svg SYSTEM "x" [ <!ENTITY % b SYSTEM "file:///etc/passwd"> ]><svg/>',
        "<svg><!DOCTYPE svg></svg>",
        "<svg>" + "<g>" * 100_000 + "</g>" * 100_000 + "</svg>",
        "<svg>\ud800</svg>",
        None,
        b"<svg/>",
    ],
    ids=lambda svg: repr(svg)[:40],
)
def test_what_is_no_svg_is_refused(svg):
    with pytest.raises(UnsafeFigureError):
        safe_svg(svg, "figure-1", "words")


def test_copies_of_copies_are_refused():
    levels = "".join(f'<g id="l{n}"><use href="#l{n - 1}"/><use href="#l{n - 1}"/></g>' for n in range(1, 40))
    with pytest.raises(UnsafeFigureError, match="copies others"):
        clean(f'<defs><rect id="l0"/>{levels}</defs><use href="#l39"/>')


def test_what_drawing_programs_write_is_kept():
    svg = f"""<?xml version="1.0" encoding="utf-8" standalone="no"?>
<!-- made by a drawing program -->
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg {XMLNS} width="460.8pt" height="345.6pt" viewBox="0 0 460.8 345.6" version="1.1">
 <metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><a>date</a></rdf:RDF></metadata>
 <defs><style type="text/css">*{{stroke-linejoin: round; stroke-linecap: butt}}</style></defs>
 <g id="axes_1" clip-path="url(#p1)"><path d="M 0 0" style="fill: none; stroke: #1f77b4"/>
 <defs><path id="m1" d="M 0 0"/></defs><use xlink:href="#m1" x="3"/></g>
 <clipPath id="p1"><rect width="3" height="4"/></clipPath>
 <image xlink:href="data:image/png;base64,iVBORw0KGgo=" width="2"/>
 <text transform="translate(3 4) rotate(-90)">µ ≤ 3 &lt; 4</text>
</svg>"""
    made = safe_svg(svg, "figure-7", "words")
    assert 'viewBox="0 0 460.8 345.6"' in made
    assert "#figure-7 *{stroke-linejoin: round; stroke-linecap: butt}" in made
    assert 'clip-path="url(#figure-7-p1)"' in made
    assert 'href="#figure-7-m1"' in made
    assert 'id="figure-7-axes_1"' in made
    assert "µ ≤ 3 &lt; 4" in made
    assert "metadata" not in made
    assert "DOCTYPE" not in made


def test_two_figures_with_the_same_ids_do_not_meddle():
    ids = [
        safe_svg('<svg><path id="a"/><use href="#a"/></svg>', prefix, "words") for prefix in ("figure-1", "figure-2")
    ]
    assert 'id="figure-1-a"' in ids[0]
    assert 'href="#figure-2-a"' in ids[1]


def test_styles_hold_inside_the_figure_only():
    made = clean(
        "<style>/* } */ text, #a > b { fill: red } @media (prefers-color-scheme: dark) { svg { color: white } }</style>"
    )
    assert "#figure-1 text,#figure-1 #figure-1-a &gt; b{fill: red}" in made
    assert "@media (prefers-color-scheme: dark){#figure-1{color: white}}" in made


def test_words_stand_for_the_figure():
    made = clean("<title>My plot</title>", 'aria-labelledby="x" onfocus=""'.replace(' onfocus=""', ""))
    assert 'role="img"' in made
    assert 'aria-label="what it shows"' in made
    assert "aria-labelledby" not in made


def test_a_size_becomes_a_view_box():
    made = clean("", 'width="300px" height="150"')
    assert 'viewBox="0 0 300 150"' in made
    assert " width=" not in made
    assert 'style="--natural: 300px"' in made


@pytest.mark.parametrize(("width", "natural"), [("72pt", "96px"), ("1in", "96px"), ("100%", None), ("10em", None)])
def test_a_figure_is_not_shown_larger_than_it_was_drawn(width, natural):
    assert (f"--natural: {natural}" in clean("", f'width="{width}"')) is (natural is not None)


@pytest.mark.parametrize(
    ("svg", "follows"), [('<path stroke="currentColor"/>', True), ('<path stroke="#000"/>', False)]
)
def test_a_figure_with_the_pages_ink_needs_no_paper(svg, follows):
    assert follows_theme(svg) is follows
