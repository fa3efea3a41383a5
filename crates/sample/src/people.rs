//! The cast: invented people of invented places.

/// Who somebody works for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Agency {
    Procurement,
    Mayor,
    Harbor,
    Comptroller,
    Law,
    Vendor,
    Outside,
}

impl Agency {
    /// The name in signatures.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Procurement => "City of Rivermouth | Bureau of Procurement",
            Self::Mayor => "City of Rivermouth | Office of the Mayor",
            Self::Harbor => "City of Rivermouth | Harbor Department",
            Self::Comptroller => "City of Rivermouth | Office of the Comptroller",
            Self::Law => "City of Rivermouth | Law Department",
            Self::Vendor => "Brackwater Controls LLC",
            Self::Outside => "",
        }
    }

    /// The mark behind a name in the city's directory.
    pub(crate) fn mark(self) -> Option<&'static str> {
        match self {
            Self::Procurement => Some("BOP"),
            Self::Mayor => Some("MAYOR"),
            Self::Harbor => Some("HARBOR"),
            Self::Comptroller => Some("COMPT"),
            Self::Law => Some("LAW"),
            Self::Vendor | Self::Outside => None,
        }
    }

    /// True for a part of the city.
    pub(crate) fn is_city(self) -> bool {
        self.mark().is_some()
    }
}

/// What somebody writes mail with; it decides quoting, ids and encodings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    Outlook,
    Phone,
    Gmail,
    Thunderbird,
    BlackBerry,
    /// A machine: a list server, a mail system.
    Machine,
}

/// One person.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Person {
    pub key: &'static str,
    pub first: &'static str,
    pub last: &'static str,
    pub address: &'static str,
    pub title: &'static str,
    pub agency: Agency,
    pub client: Client,
}

impl Person {
    /// The name as their own program writes it.
    pub(crate) fn name(&self) -> String {
        match (self.first.is_empty(), self.last.is_empty()) {
            (false, false) => format!("{} {}", self.first, self.last),
            _ => format!("{}{}", self.first, self.last),
        }
    }

    /// The name as the city's directory has it: `Vale, Orrin (MAYOR)`.
    pub(crate) fn directory_name(&self) -> String {
        match self.agency.mark() {
            Some(mark) if !self.first.is_empty() => {
                format!("{}, {} ({mark})", self.last, self.first)
            }
            _ => self.name(),
        }
    }

    /// The name as `writer` has it in an address book.
    pub(crate) fn name_by(&self, writer: &Person) -> String {
        let directory = writer.client == Client::Outlook && writer.agency.is_city();
        if directory {
            self.directory_name()
        } else {
            self.name()
        }
    }

    /// The part of the address behind the `@`.
    pub(crate) fn domain(&self) -> &'static str {
        self.address
            .split_once('@')
            .map_or("", |(_, domain)| domain)
    }
}

/// The person of that key. Panics on an unknown one: keys are constants of this crate, and the tests read them all.
pub(crate) fn person(key: &str) -> &'static Person {
    PEOPLE
        .iter()
        .find(|person| person.key == key)
        .unwrap_or_else(|| panic!("no person `{key}` in the cast"))
}

const fn cast(
    key: &'static str,
    name: (&'static str, &'static str),
    address: &'static str,
    title: &'static str,
    agency: Agency,
    client: Client,
) -> Person {
    Person {
        key,
        first: name.0,
        last: name.1,
        address,
        title,
        agency,
        client,
    }
}

use Agency::Comptroller;
use Agency::Harbor;
use Agency::Law;
use Agency::Mayor;
use Agency::Outside;
use Agency::Procurement;
use Agency::Vendor;
use Client::BlackBerry;
use Client::Gmail;
use Client::Machine;
use Client::Outlook;
use Client::Phone;
use Client::Thunderbird;

/// Everyone.
#[rustfmt::skip]
pub(crate) static PEOPLE: &[Person] = &[
    cast("tervane", ("Marisol", "Tervane"), "mtervane@procurement.rivermouth.example", "Director of Procurement", Procurement, Outlook),
    cast("okafor", ("Desmond", "Okafor-Lyle"), "dokaforlyle@procurement.rivermouth.example", "Deputy Director, Contracts", Procurement, Outlook),
    cast("halvorsen", ("Ingrid", "Halvorsen-Pike"), "ihalvorsen@procurement.rivermouth.example", "Contract Manager", Procurement, Outlook),
    cast("wrenfield", ("Tobias", "Wrenfield"), "twrenfield@procurement.rivermouth.example", "Agency Chief Contracting Officer", Procurement, Outlook),
    cast("sundaresh", ("Priya", "Sundaresh"), "psundaresh@procurement.rivermouth.example", "Senior Procurement Analyst", Procurement, Thunderbird),
    cast("motley", ("Calvin", "Motley"), "cmotley@procurement.rivermouth.example", "Invoice Review Supervisor", Procurement, Outlook),
    cast("achterberg", ("Rosalind", "Achterberg"), "rachterberg@procurement.rivermouth.example", "Records Access Officer", Procurement, Outlook),
    cast("entrerrios", ("Luis", "Entrerríos"), "lentrerrios@procurement.rivermouth.example", "Vendor Relations Specialist", Procurement, Outlook),
    cast("kowalczyk", ("Hannah", "Kowalczyk-Dray"), "hkowalczyk@procurement.rivermouth.example", "Budget Liaison", Procurement, Outlook),
    cast("oyelaran", ("Bertrand", "Oyelaran"), "boyelaran@procurement.rivermouth.example", "Field Inspector", Procurement, Phone),
    cast("feyzi", ("Nadia", "Feyzi"), "nfeyzi@procurement.rivermouth.example", "Assistant Counsel", Procurement, Outlook),
    cast("stallybrass", ("Owen", "Stallybrass"), "ostallybrass@procurement.rivermouth.example", "Information Technology Support", Procurement, Thunderbird),
    cast("abernethy", ("June", "Abernethy-Cole"), "jabernethy@procurement.rivermouth.example", "Executive Assistant to the Director", Procurement, Outlook),
    cast("prue", ("Wendell", "Prue"), "wprue@procurement.rivermouth.example", "Logistics Coordinator", Procurement, BlackBerry),

    cast("vasterling", ("Corinne", "Vasterling"), "cvasterling@mayor.rivermouth.example", "Mayor", Mayor, Phone),
    cast("vale", ("Orrin", "Vale"), "ovale@mayor.rivermouth.example", "Deputy Mayor for Infrastructure", Mayor, BlackBerry),
    cast("vale-home", ("Orrin", "Vale"), "orrin.vale.home@postbox.example", "", Outside, Gmail),
    cast("lindqvist", ("Thea", "Lindqvist-Moreau"), "tlindqvist@mayor.rivermouth.example", "Chief of Staff to the Deputy Mayor", Mayor, Outlook),
    cast("parrish", ("Gideon", "Parrish"), "gparrish@mayor.rivermouth.example", "Senior Policy Adviser", Mayor, Outlook),
    cast("adeyemi", ("Simone", "Adeyemi-Rusk"), "sadeyemi@mayor.rivermouth.example", "Press Secretary", Mayor, Phone),
    cast("dunmore", ("Patrick", "Dunmore"), "pdunmore@mayor.rivermouth.example", "Director of Scheduling", Mayor, Outlook),
    cast("brisbois", ("Yolanda", "Brisbois"), "ybrisbois@mayor.rivermouth.example", "Director of Intergovernmental Affairs", Mayor, Outlook),
    cast("ashgrove", ("Felix", "Ashgrove"), "fashgrove@mayor.rivermouth.example", "Counsel to the Mayor", Mayor, Outlook),
    cast("castellan", ("Miriam", "Castellan"), "mcastellan@mayor.rivermouth.example", "Records Access Officer", Mayor, Outlook),
    cast("watanabe", ("Kenji", "Watanabe-Hale"), "kwatanabe@mayor.rivermouth.example", "Budget Director", Mayor, Outlook),
    cast("thorold", ("Agnes", "Thorold"), "athorold@mayor.rivermouth.example", "Correspondence Unit", Mayor, Thunderbird),
    cast("quintanar", ("Rafael", "Quintanar"), "rquintanar@mayor.rivermouth.example", "Community Affairs Liaison", Mayor, Gmail),

    cast("mcgillivray", ("Lorna", "McGillivray-Stone"), "lmcgillivray@harbor.rivermouth.example", "Chief Engineer", Harbor, Outlook),
    cast("velisarov", ("Anton", "Velisarov"), "avelisarov@harbor.rivermouth.example", "Control Systems Engineer", Harbor, Thunderbird),
    cast("salgueiro", ("Beatriz", "Salgueiro"), "bsalgueiro@harbor.rivermouth.example", "Tide Operations Supervisor", Harbor, Phone),
    cast("finchley", ("Harold", "Finchley-Ng"), "hfinchley@comptroller.rivermouth.example", "Contract Registration", Comptroller, Outlook),
    cast("rainsford", ("Odette", "Rainsford"), "orainsford@comptroller.rivermouth.example", "Audit Manager", Comptroller, Outlook),
    cast("ketteridge", ("Jonas", "Ketteridge"), "jketteridge@law.rivermouth.example", "Senior Counsel, Contracts Division", Law, Outlook),

    cast("corrigan", ("Dale", "Corrigan-Voss"), "dcorrigan@brackwater.example", "Principal", Vendor, Phone),
    cast("strood", ("Melanie", "Strood"), "mstrood@brackwater.example", "Project Manager", Vendor, Gmail),
    cast("pasternek", ("Ivo", "Pasternek"), "ipasternek@brackwater.example", "Accounts Receivable", Vendor, Thunderbird),
    cast("langtry", ("Saoirse", "Langtry"), "slangtry@brackwater.example", "Government Relations", Vendor, Gmail),

    cast("grossmann", ("Jürgen", "Großmann-Thiele"), "j.grossmann@nordkai-messtechnik.example", "Leiter Messtechnik", Outside, Thunderbird),
    cast("shiota", ("由美", "潮田"), "shiota@shiomi-sokki.example", "海外営業部", Outside, Thunderbird),
    cast("vereshchagina", ("Ольга", "Верещагина-Ким"), "o.vereschagina@volnomer.example", "инженер", Outside, Thunderbird),
    cast("lin", ("海文", "林"), "lin.haiwen@haiwen-sensor.example", "工程师", Outside, Outlook),
    cast("lagarreta", ("Íñigo", "Lagarreta"), "i.lagarreta@riaalta.example", "Jefe de obra", Outside, Outlook),
    cast("ordway", ("Tamsin", "Ordway"), "tordway@rivermouthcourier.example", "Staff writer, The Rivermouth Courier", Outside, Gmail),
    cast("penhallow", ("Winifred", "Penhallow"), "wpenhallow@pier9.example", "Pier Nine Neighbors Association", Outside, Gmail),
    cast("list", ("Tidegate Coordination", ""), "tidegate-coordination@lists.rivermouth.example", "", Outside, Machine),
    cast("daemon", ("Mail Delivery System", ""), "mailer-daemon@mx.rivermouth.example", "", Outside, Machine),
];

#[cfg(test)]
mod tests {
    use super::PEOPLE;
    use std::collections::HashSet;

    #[test]
    fn keys_and_addresses_are_unique_and_invented() {
        let keys: HashSet<_> = PEOPLE.iter().map(|person| person.key).collect();
        let addresses: HashSet<_> = PEOPLE.iter().map(|person| person.address).collect();
        assert_eq!((keys.len(), addresses.len()), (PEOPLE.len(), PEOPLE.len()));
        assert!(
            PEOPLE
                .iter()
                .all(|person| person.domain().ends_with(".example"))
        );
    }
}
