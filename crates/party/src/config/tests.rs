//! What `party.toml` may say, and what is refused.

use super::*;

fn read(text: &str) -> Result<Config, Trouble> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE), text).unwrap();
    Config::read(folder.path())
}

#[test]
fn an_offer_of_a_register_that_is_not_there_is_refused() {
    let refused = read(
        "name = 'tax'\nduties = ['holder']\nlisten = '127.0.0.1:1'\n\
         [[offer]]\nprotocol = 'psi'\nregister = 'x'\nto = ['bank']\noutputs = ['one-sided']",
    );
    assert!(refused.unwrap_err().en.contains("`x`"));
}

#[test]
fn an_offer_by_no_protocol_that_gives_its_outputs_is_refused() {
    let offered = |protocols: &str, output: &str| {
        read(&format!(
            "name = 'tax'\nduties = ['holder']\nlisten = '127.0.0.1:1'\n\
             [[register]]\nname = 'x'\nfile = 'x.csv'\ncolumn = 'id'\nkind = 'opaque'\n\
             [[offer]]\nprotocol = 'psi'\nregister = 'x'\nto = ['bank']\n\
             outputs = ['{output}']\nprotocols = {protocols}"
        ))
    };
    for (protocols, output) in [("['vole']", "cardinality"), ("[]", "one-sided")] {
        let refused = offered(protocols, output).unwrap_err();
        assert!(refused.en.contains("\"ecdh\""), "{}", refused.en);
    }
    assert!(offered("['ecdh']", "cardinality").is_ok());
    assert!(offered("['vole']", "two-sided").is_ok());
    assert!(offered("['dh']", "two-sided").is_err());
}

#[test]
fn a_register_of_firms_is_not_offered_before_it_is_bound_to_the_catalogue() {
    let text = "name = 'tax'\nduties = ['holder']\nlisten = '127.0.0.1:1'\n\
         [[offer]]\nprotocol = 'psi'\nregister = 'x'\nto = ['bank']\noutputs = ['one-sided']\n\
         [[register]]\nname = 'x'\nfile = 'x.csv'\ncolumn = 'id'\n";
    let bound = "[register.fields]\nvat = '1.vat_paid_12m_cny'\n";
    let refused = read(&format!("{text}kind = 'uscc'\n")).unwrap_err();
    assert!(refused.en.contains("[register.fields]"), "{}", refused.en);
    let config = read(&format!("{text}kind = 'uscc'\n{bound}")).unwrap();
    assert_eq!(config.registers[0].classes().len(), 1);
    let research = read(&format!("{text}kind = 'opaque'\n{bound}")).unwrap_err();
    assert!(research.en.contains("opaque"), "{}", research.en);
    assert!(read(&format!("{text}kind = 'opaque'\n")).is_ok());
}

#[test]
fn a_lenders_own_register_must_be_there_and_need_not_be_bound() {
    let text = "name = 'bank'\nduties = ['lender']\nlisten = '127.0.0.1:1'\n\
         [[offer]]\nprotocol = 'key'\nregister = 'customers'\nto = ['platform']\n";
    assert!(read(text).unwrap_err().en.contains("`customers`"));
    let register =
        "[[register]]\nname = 'customers'\nfile = 'x.csv'\ncolumn = 'id'\nkind = 'uscc'\n";
    assert!(read(&format!("{text}{register}")).is_ok());
}

#[test]
fn no_party_is_called_lender() {
    let refused = read("name = 'lender'\nduties = ['lender']\nlisten = '127.0.0.1:1'");
    assert!(refused.unwrap_err().en.contains("no party's name"));
}

#[test]
fn a_formula_is_answered_from_a_governed_register_and_a_class_has_one_holder() {
    let verify = "name = 'tax'\nduties = ['holder']\nlisten = '127.0.0.1:1'\n\
         [[offer]]\nprotocol = 'verify'\nregister = 'x'\nplatform = 'p'\nto = ['bank']\n\
         [[register]]\nname = 'x'\nfile = 'x.csv'\ncolumn = 'id'\n";
    let bound = "kind = 'uscc'\n[register.fields]\nvat = '1.vat_paid_12m_cny'\n";
    assert!(read(&format!("{verify}{bound}")).is_ok());
    let twice = read(&format!("{verify}{bound}growth = '1.vat_paid_12m_cny'\n")).unwrap_err();
    assert!(twice.en.contains("`growth` and `vat`"), "{}", twice.en);
    let research = read(&format!("{verify}kind = 'opaque'\n")).unwrap_err();
    assert!(research.en.contains("research data"), "{}", research.en);
    let routes = |second: &str| {
        read(&format!(
            "name = 'p'\nduties = ['platform']\nlisten = '127.0.0.1:1'\n\
             [[route]]\nclasses = [1, 2]\nholder = 'tax'\n\
             [[route]]\nclasses = [{second}]\nholder = 'social'\n"
        ))
    };
    let config = routes("10").unwrap();
    let holder = |class: &str| config.route(class.parse().unwrap()).map(PartyId::as_str);
    assert_eq!([holder("2"), holder("10"), holder("3")], [Some("tax"), Some("social"), None]);
    assert!(routes("2").unwrap_err().en.contains("class 2"));
    assert!(routes("0").is_err());
}

#[test]
fn claims_about_firms_are_answered_under_letters_over_a_platform() {
    let offer = |more: &str, register: &str| {
        read(&format!(
            "name = 'estate'\nduties = ['holder']\nlisten = '127.0.0.1:1'\n\
             [[offer]]\nprotocol = 'match'\nregister = 'x'\nto = ['bank']\n{more}\
             [[register]]\nname = 'x'\nfile = 'x.csv'\ncolumn = 'id'\n{register}"
        ))
    };
    let firms = "kind = 'uscc'\n[register.fields]\nholder = '27.right_holder_name'\n";
    assert!(offer("platform = 'p'\n", firms).is_ok());
    assert!(offer("", firms).unwrap_err().en.contains("`platform`"));
    assert!(offer("", "kind = 'opaque'\n").is_ok());
}

#[test]
fn a_misspelt_key_is_named_with_its_line() {
    let refused = read("name = 'tax'\nduties = ['holder']\nlistn = '127.0.0.1:1'").unwrap_err();
    assert!(refused.en.contains("listn") && refused.en.contains("line 3"), "{}", refused.en);
}

#[test]
fn a_folder_without_a_party_says_how_to_make_one() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Config::read(folder.path()).unwrap_err().en.contains("tacit init"));
}
