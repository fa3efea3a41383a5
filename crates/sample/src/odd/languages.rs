//! German, Spanish, Russian, Japanese and Chinese mail in the character sets of its day.

use super::letter;
use crate::desk::Desk;
use crate::desk::Does;
use crate::desk::Draft;
use crate::encode::Charset;
use crate::mail::Form;
use crate::mail::Held;
use crate::mail::Transfer;
use crate::moment::Moment;
use crate::people::person;

struct Foreign {
    at: &'static str,
    /// Minutes ahead of UTC.
    clock: i32,
    from: &'static str,
    to: &'static [&'static str],
    subject: &'static str,
    text: &'static str,
    charset: Charset,
    transfer: Transfer,
}

#[rustfmt::skip]
static LETTERS: &[Foreign] = &[
    Foreign {
        at: "2021-09-14 08:22:10", clock: 120, from: "grossmann", to: &["velisarov", "halvorsen"],
        subject: "Prüfprotokolle der Füllstandssensoren", charset: Charset::Utf8, transfer: Transfer::Base64,
        text: "Sehr geehrter Herr Velisarov,\n\nanbei erhalten Sie die Prüfprotokolle der 96 Füllstandssensoren. Bitte beachten Sie, daß die \
               Messunsicherheit für Süßwasser gilt; für Brackwasser fügen wir ein Ergänzungsblatt bei. Über die Kalibrierung der Geräte an Pier 9 \
               haben wir keine Kenntnis.\n\nMit freundlichen Grüßen",
    },
    Foreign {
        at: "2022-05-30 17:05:44", clock: 120, from: "grossmann", to: &["halvorsen"],
        subject: "Änderungsauftrag Nr. 3: Lieferung der Ersatzsensoren", charset: Charset::Latin1, transfer: Transfer::EightBit,
        text: "Sehr geehrte Frau Halvorsen-Pike,\n\ndie Firma Brackwater hat bei uns bislang keine Ersatzsensoren bestellt. Der Änderungsauftrag, \
               von dem Sie schreiben, ist uns nicht bekannt. Unser Listenpreis beträgt 4.180 Dollar je Stück, nicht 11.250.\n\nMit freundlichen \
               Grüßen",
    },
    Foreign {
        at: "2021-11-02 09:40:00", clock: 60, from: "grossmann", to: &["motley"],
        subject: "Rechnung über Kalibrierung", charset: Charset::Utf7, transfer: Transfer::SevenBit,
        text: "Guten Tag,\n\ndie Rechnung über die Kalibrierung (6.300 €) wurde uns nicht beglichen. Wir bitten höflich um Prüfung.",
    },
    Foreign {
        at: "2021-10-19 15:12:09", clock: 540, from: "shiota", to: &["sundaresh"],
        subject: "潮位計の仕様について", charset: Charset::Iso2022Jp, transfer: Transfer::SevenBit,
        text: "リバーマス市調達局 御中\n\nお世話になっております。潮見計測の潮田です。\nお問い合わせの潮位計の仕様書をお送りします。九番埠頭の水門には、防水等級の高い型をお勧めいたします。\n\nよろしくお願いいたします。",
    },
    Foreign {
        at: "2022-02-03 11:30:27", clock: 540, from: "shiota", to: &["halvorsen"],
        subject: "見積書の件", charset: Charset::ShiftJis, transfer: Transfer::Base64,
        text: "お世話になっております。\n\nレーダー式潮位計十二台の見積書をお送りします。納期は三か月です。契約番号 2021-CV-00417 をご記入ください。",
    },
    Foreign {
        at: "2021-12-06 10:15:31", clock: 180, from: "vereshchagina", to: &["halvorsen"],
        subject: "Волномер: замена датчика", charset: Charset::Koi8R, transfer: Transfer::EightBit,
        text: "Уважаемая госпожа Халворсен-Пайк,\n\nзавод готов заменить датчик уровня воды по гарантии. Просим сообщить номер договора и фотографию \
               шильдика. Причал девять в нашей базе не значится.\n\nС уважением",
    },
    Foreign {
        at: "2022-06-22 18:47:02", clock: 180, from: "vereshchagina", to: &["strood", "halvorsen"],
        subject: "Re: простой водолазов", charset: Charset::Windows1251, transfer: Transfer::QuotedPrintable,
        text: "Мелани, наши водолазы на причале девять в мае и июне не работали. Счёт за простой мы не выставляли и подписывать его не будем.",
    },
    Foreign {
        at: "2022-03-08 09:05:18", clock: 480, from: "lin", to: &["entrerrios"],
        subject: "关于水位传感器的报价", charset: Charset::Gb18030, transfer: Transfer::Base64,
        text: "您好！\n\n附上雷达水位传感器的报价单，单价三千二百美元，交货期八周。如需英文资料请告知。\n\n此致敬礼",
    },
    Foreign {
        at: "2021-08-24 13:20:55", clock: 120, from: "lagarreta", to: &["entrerrios"],
        subject: "Ataguía del muelle 9: ¿quién la instala?", charset: Charset::Latin1, transfer: Transfer::QuotedPrintable,
        text: "Estimado Luis:\n\nNos han pedido precio para una ataguía en el muelle 9 y después silencio. ¿Sigue en pie el encargo? Si la \
               instalación empieza en mayo, necesitaríamos la señal antes del año nuevo.\n\nUn saludo,\nÍñigo",
    },
];

pub(super) fn write(desk: &mut Desk) {
    for foreign in LETTERS {
        let at = Moment::abroad(foreign.at, foreign.clock);
        let place = letter(
            desk,
            at,
            (foreign.from, foreign.to),
            foreign.subject,
            foreign.text,
        );
        let mail = &mut desk.mails[place];
        (mail.form, mail.charset, mail.transfer) = (Form::Plain, foreign.charset, foreign.transfer);
        if foreign.charset == Charset::Latin1 {
            // Outlook's curly quotes are not in Latin-1.
            mail.closing = mail.closing.replace('\u{2019}', "'");
        }
    }
    let parent = desk.mails.len() - 1;
    desk.send(Draft {
        key: "",
        at: Moment::city("2021-08-24 09:58:12"),
        from: person("entrerrios"),
        to: vec![person("lagarreta")],
        cc: vec![person("halvorsen"), person("parrish")],
        bcc: Vec::new(),
        does: Does::Answer(parent),
        subject: String::new(),
        text: "Estimado Íñigo:\n\nNo me consta ningún encargo. La ataguía figura en el contrato principal y corre por cuenta de Brackwater. \
               Pregunto a Ingrid y le digo algo mañana.\n\nSaludos,\nLuis"
            .to_owned(),
        files: Vec::new(),
        attached: Vec::new(),
        held: Held::Natural,
    });
}
