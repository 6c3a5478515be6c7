// The words of skus and descriptions: 1,000 common English words, lower case, a to z only (no hyphen: a hyphen
// separates the words of a sku). The output depends on every word and on the order, so an edit here changes
// every generated file. There may be at most 1,024 (three of them in a sku must fit in 30 bits).
export const words = `
about above accept across action active actual address admit adult advance advice afford after afternoon
again against agent agree ahead aim alarm album alive allow almost alone along already always among amount
ancient angle animal another answer anybody anything apart apple apply area around arrange arrive arrow art
article aside asleep aspect assist assume attempt attend author autumn available average avoid awake award
aware baby badge bag balance bargain base basic basket beach beauty become bed before begin behave behind
belief belong below bench benefit beside better between beyond bicycle bill birth blanket block bloom blow
board body border borrow both bottle bottom bound branch brave bread break breath brick bridge brief bright
bring broad broken brother brown brush bucket budget build bundle bus business but butter button cabin cable
calculate call camera camp candle capital captain carbon care careful carpet carriage carry case castle catch
cattle cause ceiling center central century certain chain chair chalk challenge chance change channel chapter
charge charm chart cheap check cheese chief child choice choose circle citizen city civil claim class clean
clear clever climb clock close cloth cloud coach coast coat coffee collar collect college color column
combine comfort common company compare complete concern condition connect consider contain content contest
continue contract control cook copper copy corner correct cotton council count country couple courage course
court cousin cover craft cream create credit crop cross crowd crown culture cure current curtain curve custom
cycle daily damage dance date daughter day debate decade decide deck degree delay deliver demand depend depth
describe desert design desk detail develop device diamond differ dinner direct discover discuss distance
divide doctor dollar door double doubt dozen dream dress drift drink drive drop during each eager early earth
ease easy editor educate effect effort egg eight either elect electric eleven employ empty end energy engine
english enjoy enough enter entire equal error escape evening event every exact example except exchange excite
exercise exist exit expect expert explain express extra fabric face factor faith familiar family famous fan
farm fashion father favor feather feature feel fellow fence festival field fifteen figure fill final fine
finger finish first fish flight float flood floor flour flow flower focus follow food forest forget fortune
forward found four frame free freeze fresh friday friend front frost fruit fuel fun future garage garden gate
gather general gentle giant give glass globe glove goat govern grace grade grain grand grass gray great green
greet ground group guess guest guide guitar habit hair hammer hand handle happen happy harbor harvest have
health heart heat heavy height here hidden hill history hobby holiday home honest honey honor horse hospital
hotel hour house huge human hundred hungry hurry husband idea image imagine impact improve include increase
indeed indoor industry inform inside instead interest invent invite island jacket jar jewel joke journal
journey judge juice jump jungle junior keep kettle kick kitchen knife knock know label labor ladder lake
language large late laugh launch layer lazy learn least leather leave legal length less lesson letter level
library lift light limit liquid list listen little local logic long loose lunch machine magic main major
manage manner many market master match material matter maybe meadow meal measure media medicine melody member
memory mention merchant message metal method middle mind mineral minor minute mirror mobile model modern
moment monday money monitor month moral more morning mother motion motor mountain mouse mouth movie muscle
museum music must mystery narrow nation native nature near neighbor nephew network never next night nobody
none normal north note nothing notice novel number nurse object observe obtain ocean offer office often oil
onion only opera opinion orange order organ origin other outdoor outside oven owner page paint palace panel
paper parcel parent park partner past patient pattern pause pay peace pencil people pepper perfect perhaps
period permit person phone photo phrase piano picnic picture piece pilot place plain plant plastic plate play
please plenty pocket point polish polite popular portrait position potato pottery powder power practice
praise prepare present press pretty pride private prize problem process produce profit program project
promise proper protect proud prove public pull purple purpose puzzle quality quarter queen question quick
quiet quite rabbit race radio range rapid rate rather reach ready reason receive recipe record red reduce
reflect region regular relate relax remain remember remote repair repeat reply report request result return
review reward rhythm rich right river road room round route royal run rural sample saturday save scale scene
school science score screen search season second secret section seed select send senior sense sentence series
serve settle seven several shade shadow shape share shell shirt shop shore short should shoulder sight signal
silent silver simple since single sit skill skin sleep slice small smart smile smooth snow social solid solve
some sort sound source south space spare speak special speed spirit sport spread spring square stable staff
stage stand star start state station steel still stone stop store storm story straight strange stream street
strong student study style succeed success sudden sugar suggest summer sunday supper supply support suppose
surface surprise sweater sweet swing switch symbol system table tailor talent talk target taste teach teacher
temple tender tennis tent thank theater their theory thick thing think third thirteen thirty thought thousand
thread three throat through throw thumb thunder thursday ticket tiger timber time tired title toast today
together tomato tomorrow tonight tooth topic total touch toward tower town track trade traffic train travel
treasure treat trial triangle trip trouble truck trust truth tuesday tunnel turkey twelve twenty twice twist
uncle under uniform union unit university unless until upper useful usual vacation valley value variety
various vegetable velvet verse very vessel victory video village violin visit voice volume voyage wage wagon
walk walnut warm watch water wave weather wednesday weekend weight welcome west wheat wheel where whether
which while whisper white whole whom willow window winter wisdom wish within without woman wonder wool world
worry worth would write yard yellow yesterday young yourself youth zero
`
  .trim()
  .split(/\s+/)
