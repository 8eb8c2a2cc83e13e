import pytest

from crucible_core.stages.report.markdown_html import markdown_html
from crucible_core.stages.report.markdown_latex import markdown_latex
from crucible_core.stages.report.markdown_reading import as_part

TABLE = (
    '<div class="table"><table>\n<thead>\n<tr>\n<th class="n">a</th>\n</tr>\n</thead>\n'
    '<tbody>\n<tr>\n<td class="n">1</td>\n</tr>\n</tbody>\n</table></div>'
)


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("plain", "<p>plain</p>"),
        ("two\nlines", "<p>two\nlines</p>"),
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ("# Top\n## Next ##", "<h4>Top</h4>\n<h5>Next</h5>"),
        ("###### Deep", "<h6>Deep</h6>"),
        ("#hashtag", "<p>#hashtag</p>"),
        ("# C#", "<h4>C#</h4>"),
        ("Top\n===", "<h4>Top</h4>"),
        (
            "*a* and **b** and _c_ and __d__",
            "<p><em>a</em> and <strong>b</strong> and <em>c</em> and <strong>d</strong></p>",
        ),
        ("**a *b* c**", "<p><strong>a <em>b</em> c</strong></p>"),
        ("mean_rank and p_value", "<p>mean_rank and p_value</p>"),
        ("2 * 3 * 4", "<p>2 * 3 * 4</p>"),
        (r"\*literal\*", "<p>*literal*</p>"),
        ("`a < b` and ``c ` d``", "<p><code>a &lt; b</code> and <code>c ` d</code></p>"),
        ("- a\n- b\n  more", "<ul>\n<li>a</li>\n<li>b\nmore</li>\n</ul>"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("intro\n- a", "<p>intro</p>\n<ul>\n<li>a</li>\n</ul>"),
        ("> said\n> so", "<blockquote>\n<p>said\nso</p>\n</blockquote>"),
        ("```python\nx < 1\n\ny\n```\nafter", '<pre tabindex="0"><code>x &lt; 1\n\ny\n</code></pre>\n<p>after</p>'),
        ("---", "<hr />"),
        (
            "[text](https://example.org/a_b)",
            '<p><a href="https://example.org/a_b" rel="noopener noreferrer">text</a></p>',
        ),
        ("[mail](mailto:a@b.org)", '<p><a href="mailto:a@b.org" rel="noopener noreferrer">mail</a></p>'),
        ("- a\n  - b", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>"),
        ("~~gone~~", "<p><s>gone</s></p>"),
        ("| a |\n|--:|\n| 1 |", TABLE),
        ("", ""),
    ],
)
def test_markdown_becomes_html(markdown, html):
    assert markdown_html(markdown, 4) == html


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html,<script>1</script>)",
        "[x](//evil.example)",
        '[x](https://a.example/" onclick="alert(1))',
        "![x](https://evil.example/pixel.png)",
        "<https://evil.example>",
        "# <b>bold</b>",
        "- <iframe src=x>",
        "```\n</code></pre><script>\n```",
        "`</code><script>`",
        "**<script>**",
        "&lt;script&gt; &#60;script&#62;",
    ],
)
def test_nothing_in_a_text_becomes_markup_of_its_own(hostile):
    html = markdown_html(hostile, 4)
    for tag in ("<script", "<img", "<iframe", "<b>", "onclick=", 'href="javascript', 'href="data', 'href="//'):
        assert tag not in html.lower().replace("&quot; onclick=", "")


def test_an_unfinished_mark_is_text():
    assert markdown_html("**a and `b and [c](", 4) == "<p>**a and `b and [c](</p>"


@pytest.mark.parametrize(
    "unit",
    [
        "**a ",
        "*a_",
        "[",
        "[a](",
        "`",
        "` ``",
        "_a",
        "\\",
        "> ",
        "- ",
        "*" * 7 + " ",
        "![*_`",
        "|-|\n",
        "a|b\n-|-\n",
        "~~a",
    ],
)
def test_a_hostile_text_of_a_hundred_thousand_characters_is_read(unit):
    assert markdown_html(unit * (100_000 // len(unit)), 4)


@pytest.mark.parametrize(
    "line", ["# a" + " " * 50_000 + "b", "```" + " " * 50_000 + "!", "- " * 25_000 + "x", "~" * 50_000 + "!"]
)
def test_a_hostile_line_is_read(line):
    assert markdown_html(line, 4)


def test_nesting_has_a_bottom():
    assert markdown_html("[" * 1000 + "x" + "](https://a.example)" * 1000, 4)


def test_markdown_becomes_latex():
    assert markdown_latex("# Top\n\n*a* `b_c` [d](https://e.org/%20)\n\n- 50 %") == (
        "\\paragraph*{Top}\n\n\\emph{a} \\texttt{b\\_c} d (\\texttt{https://e.org/\\%20})\n\n"
        "\\begin{itemize}\n\\item 50 \\%\n\\end{itemize}"
    )


def test_tables_and_lists_in_lists_become_latex():
    assert markdown_latex("| a | n |\n|---|--:|\n| *x* | 1 |\n\n- a\n  - b") == (
        "\\begin{longtable}{@{}lr@{}}\n\\toprule\na & n \\\\\n\\midrule\n\\endhead\n\\emph{x} & 1 \\\\\n"
        "\\bottomrule\n\\end{longtable}\n\n"
        "\\begin{itemize}\n\\item a\n\n\\begin{itemize}\n\\item b\n\\end{itemize}\n\\end{itemize}"
    )


def test_lists_deeper_than_latex_allows_are_written_without_indentation():
    made = markdown_latex("- " * 12 + "deep")
    assert made.count(r"\begin{itemize}") == made.count(r"\end{itemize}") == 4
    assert "deep" in made


def test_headings_of_a_text_stand_below_those_of_the_report():
    text = "# Top\n\nSub\n---\nwords\n\n```\n# code\n```\n\n##### Deep #"
    assert as_part(text, 3) == "#### Top\n\n##### Sub\n\nwords\n\n```\n# code\n```\n\n###### Deep #"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a <b>bold</b> `<i>`", r"a \<b>bold\</b> `<i>`"),
        ("<div>\n<script>x</script>\n\n**b**", "\\<div>\n\\<script>x\\</script>\n\n**b**"),
        ("```\n<p>\n```", "```\n<p>\n```"),
        ("1 < 2 <https://a.example>", "1 < 2 <https://a.example>"),
        ("two\nlines <br>\nhere", "two\nlines \\<br>\nhere"),
    ],
)
def test_html_in_a_text_is_text_also_in_markdown(text, part):
    assert as_part(text, 3) == part
    assert markdown_html(part, 4) == markdown_html(text, 4)
