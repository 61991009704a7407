//! A page as a browser reads it.

use std::collections::BTreeMap;

use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// An element of a page.
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) children: Vec<Node>,
}

/// What is inside an element.
pub(crate) enum Node {
    Element(Element),
    Text(String),
}

/// Reads a page that has no error of syntax.
pub(crate) fn read(page: &str) -> Element {
    let dom = parse_document(RcDom::default(), ParseOpts::default()).one(page);
    assert!(dom.errors.borrow().is_empty(), "{:?}", dom.errors.borrow());
    let root = dom.document.children.borrow().iter().find_map(element);
    root.expect("a page has an element")
}

fn element(handle: &Handle) -> Option<Element> {
    let NodeData::Element { name, attrs, .. } = &handle.data else { return None };
    let attributes = attrs.borrow();
    let attributes = attributes
        .iter()
        .map(|attribute| (attribute.name.local.to_string(), attribute.value.to_string()));
    let children = handle.children.borrow();
    let children = children.iter().filter_map(|child| match &child.data {
        NodeData::Text { contents } => Some(Node::Text(contents.borrow().to_string())),
        _ => element(child).map(Node::Element),
    });
    Some(Element {
        name: name.local.to_string(),
        attributes: attributes.collect(),
        children: children.collect(),
    })
}

impl Element {
    /// All elements inside, and itself.
    pub(crate) fn all(&self) -> Vec<&Self> {
        let inside = self.children.iter().filter_map(|child| match child {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        });
        [self].into_iter().chain(inside.flat_map(Self::all)).collect()
    }

    /// Those of this name.
    pub(crate) fn named(&self, name: &str) -> Vec<&Self> {
        self.all().into_iter().filter(|element| element.name == name).collect()
    }

    /// The text inside, as it is read.
    pub(crate) fn text(&self) -> String {
        let text = self.children.iter().map(|child| match child {
            Node::Element(element) => element.text(),
            Node::Text(text) => text.clone(),
        });
        text.collect()
    }

    /// Every piece of text that a reader sees, but for names from files, which stand in `code`.
    pub(crate) fn pieces(&self) -> Vec<String> {
        if matches!(self.name.as_str(), "code" | "style") {
            return Vec::new();
        }
        let pieces = self.children.iter().flat_map(|child| match child {
            Node::Element(element) => element.pieces(),
            Node::Text(text) => vec![text.trim().to_owned()],
        });
        pieces.filter(|piece| !piece.is_empty()).collect()
    }

    /// The cells of the body of a table, row by row.
    pub(crate) fn rows(&self) -> Vec<Vec<String>> {
        let body = self.named("tbody");
        let rows = body.iter().flat_map(|body| body.named("tr"));
        let cells = |row: &Self| {
            let cells = row.all().into_iter().filter(|it| it.name == "td" || it.name == "th");
            cells.map(Self::text).collect()
        };
        rows.map(cells).collect()
    }

    /// The heads of a table.
    pub(crate) fn heads(&self) -> Vec<String> {
        let heads = self.named("thead");
        heads.iter().flat_map(|head| head.named("th")).map(Self::text).collect()
    }

    /// The table of this caption.
    pub(crate) fn table(&self, caption: &str) -> &Self {
        let is = |table: &&Self| table.named("caption").iter().any(|it| it.text() == caption);
        let found = self.named("table").into_iter().find(is);
        found.unwrap_or_else(|| panic!("no table `{caption}`"))
    }
}
