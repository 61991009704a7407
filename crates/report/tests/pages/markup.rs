//! Pages are HTML, accessible, and made of nothing but what the crate makes them of.

use std::collections::BTreeSet;

use terminal::Language;

use crate::dom::{Element, read};
use crate::samples::{HOSTILE, data_check, model_card, monitoring};

const ELEMENTS: [&str; 51] = [
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "header",
    "h1",
    "h2",
    "h3",
    "p",
    "small",
    "dl",
    "dt",
    "dd",
    "div",
    "nav",
    "ul",
    "li",
    "a",
    "main",
    "section",
    "article",
    "footer",
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "code",
    "span",
    "figure",
    "figcaption",
    "svg",
    "desc",
    "rect",
    "line",
    "polyline",
    "circle",
    "text",
    "polygon",
    "g",
    "ol",
    "strong",
    "em",
    "br",
    "hr",
    "time",
    "abbr",
];

const LANGUAGES: [Language; 2] = [Language::En, Language::Zh];

/// Every page there is, in both languages.
fn pages(named: &str) -> Vec<(Language, String)> {
    let (card, monitoring, data) = (model_card(named), monitoring(named), data_check(named));
    let of = |language| {
        [card.to_html(language), monitoring.to_html(language), data.to_html(language)]
            .map(|page| (language, page))
    };
    LANGUAGES.into_iter().flat_map(of).collect()
}

#[test]
fn a_page_needs_nothing_from_elsewhere_and_runs_nothing() {
    for (_, page) in pages("vat_paid") {
        for word in ["http", "src=", "<script", "javascript", "@import", "url(", "<link", "xmlns"] {
            assert!(!page.contains(word), "{word}");
        }
        assert!(page.len() < 600_000, "{}", page.len());
    }
}

#[test]
fn nothing_that_a_file_names_becomes_markup() {
    for (_, page) in pages(HOSTILE) {
        let root = read(&page);
        for element in root.all() {
            assert!(ELEMENTS.contains(&element.name.as_str()), "{}", element.name);
            for (name, value) in &element.attributes {
                assert!(!name.starts_with("on") && name != "src" && name != "style", "{name}");
                assert!(name != "href" || value.starts_with('#'), "{value}");
            }
        }
        // It is there to be read, letter for letter.
        assert!(root.text().contains(HOSTILE));
    }
}

#[test]
fn headings_tables_plots_and_links_are_put_together_rightly() {
    for (language, page) in pages("vat_paid") {
        assert!(page.starts_with("<!DOCTYPE html>"));
        let root = read(&page);
        let code = match language {
            Language::En => "en",
            Language::Zh => "zh-CN",
        };
        assert_eq!(root.attributes["lang"], code);
        assert_eq!(root.named("h1").len(), 1);
        let ids: Vec<&str> = root
            .all()
            .iter()
            .filter_map(|it| it.attributes.get("id"))
            .map(String::as_str)
            .collect();
        let once: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(once.len(), ids.len(), "every id stands once");
        for link in root.named("a") {
            assert!(once.contains(&link.attributes["href"][1..]));
        }
        let plots = root.named("svg");
        assert!(!plots.is_empty());
        for plot in plots {
            assert_eq!(plot.attributes["role"], "img");
            let names = plot.attributes["aria-labelledby"].split(' ');
            assert!(names.clone().count() == 2 && names.into_iter().all(|id| once.contains(id)));
            for name in ["title", "desc"] {
                assert!(plot.named(name).iter().all(|it| !it.text().is_empty()), "{name}");
            }
            within(plot);
        }
        for table in root.named("table") {
            assert!(!table.named("caption")[0].text().is_empty());
            let heads = table.heads().len();
            assert!(heads > 0 && table.rows().iter().all(|row| row.len() == heads));
            let scopes =
                table.named("th").into_iter().filter(|it| it.attributes.contains_key("scope"));
            assert_eq!(scopes.count(), table.named("th").len());
        }
    }
}

/// What is drawn lies inside the plot, letters too as far as their place tells.
fn within(plot: &Element) {
    let size: Vec<f64> =
        plot.attributes["viewBox"].split(' ').map(|it| it.parse().expect("a number")).collect();
    for element in plot.all() {
        for (name, most) in [("x", size[2]), ("cx", size[2]), ("y", size[3]), ("cy", size[3])] {
            let Some(at) = element.attributes.get(name) else { continue };
            let at: f64 = at.parse().expect("a number");
            assert!((0.0..=most).contains(&at), "{} {name} {at}", element.name);
        }
        for name in ["width", "height"] {
            let size = element.attributes.get(name).map(|it| it.parse::<f64>().expect("a number"));
            assert!(size.is_none_or(|size| size >= 0.0), "{} {name} {size:?}", element.name);
        }
    }
}

#[test]
fn the_same_input_makes_the_same_bytes() {
    assert_eq!(pages("vat_paid"), pages("vat_paid"));
}

#[test]
fn a_card_without_data_or_points_has_a_page_too() {
    use domain::Slot;
    use report::{ModelCard, PointsPolicy, Provenance};
    use scorecard::admission::Admission;

    let card = crate::samples::card("vat_paid");
    let admission = Admission::of(&card, None::<&Slot>, None);
    let with = |policy| {
        let provenance = Provenance { policy, ..Provenance::of(&card, None) };
        ModelCard::of(&card, provenance, &admission)
    };
    for language in LANGUAGES {
        let open = read(&with(None).to_html(language));
        assert_eq!(open.named("svg").len(), 10, "the points of each feature");
        let hidden = with(Some(PointsPolicy::Nobody));
        assert!(hidden.features.iter().flat_map(|it| &it.bins).all(|bin| bin.points.is_none()));
        let page = read(&hidden.to_html(language));
        assert!(page.named("svg").is_empty());
        let heads = page.named("table").iter().flat_map(|table| table.heads()).collect::<Vec<_>>();
        let points = language.words(&report::phrases::axis_points()).to_owned();
        assert!(!heads.contains(&points), "{heads:?}");
    }
}
