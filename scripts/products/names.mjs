// First and last names for the name column. Letters only (a space, dot or hyphen separates the parts of a name)
// and none twice. The output depends on every name and on the order, so an edit here changes every generated
// file.

/** @param {string} text */
const list = (text) => text.trim().split(/\s+/)

export const women = list(`
Abigail Adele Adriana Agnes Aimee Alana Alexandra Alexis Alice Alicia Alison Allison Alma Alyssa Amanda Amber
Amelia Amy Ana Andrea Angela Angelica Anita Ann Anna Anne Annette Annie April Ariana Ashley Audrey Autumn Ava
Barbara Beatrice Becky Belinda Bernadette Beth Bethany Betty Beverly Bianca Bonnie Brandi Brenda Briana
Bridget Brittany Brooke Caitlin Camille Candace Carla Carly Carmen Carol Caroline Carolyn Carrie Casey
Cassandra Catherine Cecilia Celeste Charlene Charlotte Chelsea Cheryl Chloe Christina Christine Cindy Claire
Clara Claudia Colleen Connie Constance Courtney Crystal Cynthia Daisy Dana Daniela Danielle Dawn Deanna
Deborah Debra Delia Denise Desiree Diana Diane Dolores Donna Doris Dorothy Edith Edna Eileen Elaine Eleanor
Elena Elisa Elizabeth Ella Ellen Eloise Elsie Emily Emma Erica Erin Esther Eva Evelyn Faith Felicia Fiona
Florence Frances Gabriela Gail Gemma Georgia Geraldine Gina Gladys Glenda Gloria Grace Greta Gwendolyn Hannah
Harriet Hazel Heather Heidi Helen Hilda Holly Ida Imogen Irene Iris Isabel Isabella Ivy Jackie Jacqueline Jane
Janet Janice Jasmine Jean Jenna Jennifer Jenny Jessica Jill Joan Joanna Jocelyn Josephine Joy Joyce Juanita
Judith Judy Julia Julie June Karen Karina Kate Katherine Kathleen Katie Katrina Kayla Kelly Kelsey Kendra
Kimberly Kirsten Krista Kristen Kristina Lara Laura Lauren Leah Lena Leslie Lillian Lily Linda Lindsey Lisa
Loretta Lori Lorraine Louise Lucia Lucy Lydia Lynn Mabel Madeline Maggie Marcia Margaret Maria Mariah Marianne
Marie Marilyn Marissa Marjorie Marlene Martha Mary Maureen Megan Melanie Melinda Melissa Mercedes Meredith Mia
Michelle Mildred Miranda Miriam Molly Monica Monique Nadia Nancy Naomi Natalie Natasha Nicole Nina Nora Norma
Olive Olivia Paige Pamela Patricia Paula Pauline Penelope Phoebe Phyllis Priscilla Rachel Ramona Rebecca
Regina Renee Rhonda Rita Roberta Rosa Rosalie Rosemary Roxanne Ruby Ruth Sabrina Sally Samantha Sandra Sara
Savannah Selena Shannon Sharon Sheila Shelby Sherry Shirley Silvia Sonia Sophia Stacy Stella Stephanie Susan
Suzanne Sydney Sylvia Tamara Tanya Tara Teresa Tiffany Tina Tracy Valerie Vanessa Vera Veronica Vicki Victoria
Viola Violet Virginia Vivian Wanda Wendy Whitney Willa Yolanda Yvette Yvonne Zoe
`)

export const men = list(`
Aaron Abel Abraham Adam Adrian Aidan Alan Albert Alec Alejandro Alexander Alfred Allen Alvin Andre Andrew
Angelo Anthony Antonio Archie Arnold Arthur Arturo Austin Barry Basil Benjamin Bernard Bill Blake Bob Bradley
Brandon Brendan Brent Brett Brian Bruce Bryan Bryce Byron Caleb Calvin Cameron Carl Carlos Cecil Cedric Chad
Charles Chester Christian Christopher Clarence Clark Claude Clayton Clifford Clinton Clyde Cody Colin Connor
Conrad Corey Craig Curtis Dale Damon Daniel Darren Darryl Dave David Dean Dennis Derek Derrick Desmond Devin
Diego Dominic Don Donald Douglas Duane Dustin Dwayne Dwight Dylan Earl Eddie Edgar Edmund Eduardo Edward Edwin
Eli Elias Elliot Elmer Emilio Enrique Eric Ernest Ethan Eugene Evan Everett Felix Fernando Floyd Francis
Francisco Frank Franklin Frederick Gabriel Garrett Gary Gavin Gene Geoffrey George Gerald Gerard Gilbert Glenn
Gordon Graham Grant Gregory Guy Harold Harry Harvey Hector Henry Herbert Herman Howard Hubert Hugh Hugo Ian
Ignacio Irving Isaac Ivan Jack Jackson Jacob Jaime Jake James Jared Jason Javier Jay Jeffrey Jeremiah Jeremy
Jerome Jesse Jesus Jim Joaquin Joe Joel John Johnny Jonah Jonathan Jordan Jorge Jose Joseph Joshua Juan Julian
Julio Justin Karl Keith Kenneth Kent Kevin Kirk Kurt Kyle Lance Larry Laurence Lee Leo Leon Leonard Leroy
Lester Lewis Lionel Lloyd Logan Lorenzo Louis Lucas Luis Luke Luther Malcolm Manuel Marc Marcus Mario Mark
Marshall Martin Marvin Mason Mathias Matthew Maurice Max Melvin Michael Miguel Miles Milton Mitchell Morris
Nathan Nathaniel Neil Nelson Nicholas Noah Noel Norman Oliver Omar Orlando Oscar Owen Pablo Patrick Paul Pedro
Perry Peter Philip Preston Quentin Rafael Ralph Ramon Randall Raul Ray Raymond Reginald Rene Ricardo Richard
Robert Roberto Rodney Roger Roland Ronald Ross Roy Ruben Rudolph Rufus Russell Ryan Salvador Samuel Scott Sean
Sebastian Sergio Seth Shane Shaun Sidney Simon Spencer Stanley Stephen Steven Stewart Stuart Terrence Terry
Theodore Thomas Timothy Todd Tom Tony Travis Trevor Tristan Tyler Ulysses Vernon Victor Vincent Wallace Walter
Warren Wayne Wesley Wilbur Willard William Willie Wyatt Xavier Zachary
`)

export const lastNames = list(`
Abbott Acosta Adams Adkins Aguilar Albright Aldridge Alexander Allen Allison Alvarado Alvarez Anderson Andrews
Armstrong Arnold Arroyo Ashby Atkins Atkinson Austin Avery Avila Ayala Ayers Bailey Baker Baldwin Ball Ballard
Banks Barber Barker Barlow Barnes Barnett Barr Barrera Barrett Barron Barry Bartlett Barton Bass Bates Bauer
Baxter Beach Bean Beard Beasley Beck Becker Bell Beltran Bender Benitez Benjamin Bennett Benson Bentley Benton
Berg Berger Bernard Berry Best Bird Bishop Black Blackburn Blackwell Blair Blake Blanchard Bland Blankenship
Blevins Bolton Bond Bonner Booker Boone Booth Bowen Bowers Bowman Boyd Boyer Boyle Bradford Bradley Bradshaw
Brady Branch Brandt Braun Bray Brennan Brewer Bridges Briggs Bright Britton Brock Brooks Brown Browning Bruce
Bryan Bryant Buchanan Buck Buckley Bullock Burch Burgess Burke Burnett Burns Burton Bush Butler Byrd Byrne
Cabrera Cain Caldwell Calhoun Callahan Camacho Cameron Campbell Campos Cannon Cantrell Cantu Cardenas Carey
Carlson Carney Carpenter Carr Carrillo Carroll Carson Carter Carver Case Casey Castaneda Castillo Castro
Cervantes Chambers Chan Chandler Chang Chapman Charles Chase Chavez Chen Cherry Choi Christensen Church
Cisneros Clark Clarke Clay Clayton Clements Cline Cobb Cochran Coffey Cohen Coleman Collier Collins Colon
Combs Compton Conley Conner Conrad Conway Cook Cooke Cooley Cooper Copeland Cordova Corbett Cortez Costa Cowan
Cox Craig Crane Crawford Crosby Cross Cruz Cuevas Cummings Cunningham Curry Curtis Dalton Daniel Daniels
Daugherty Davenport David Davidson Davies Davila Davis Dawson Day Dean Decker Delacruz Delaney Deleon Delgado
Dennis Diaz Dickerson Dickson Dillon Dixon Dodson Dominguez Donaldson Donovan Dorsey Dougherty Douglas Downs
Doyle Drake Dudley Duffy Duke Duncan Dunlap Dunn Duran Durham Dyer Eaton Edwards Elliott Ellis Ellison Emerson
England English Erickson Escobar Esparza Espinoza Estes Estrada Evans Everett Ewing Farley Farmer Farrell
Faulkner Ferguson Fernandez Ferrell Fields Figueroa Finley Fischer Fisher Fitzgerald Fitzpatrick Fleming
Fletcher Flores Flowers Floyd Flynn Foley Forbes Ford Foreman Foster Fowler Fox Francis Franco Franklin
Frazier Frederick Freeman French Friedman Frost Fry Fuentes Fuller Gaines Galindo Gallagher Gallegos Galloway
Galvan Gamble Garcia Gardner Garner Garrett Garrison Garza Gates Gentry George Gibbs Gibson Gilbert Giles Gill
Gillespie Gilmore Glass Glenn Glover Golden Gomez Gonzales Gonzalez Good Goodman Goodwin Gordon Gould Graham
Grant Graves Gray Green Greene Greer Gregory Griffin Griffith Grimes Gross Guerra Guerrero Gutierrez Guzman
Hale Hall Hamilton Hammond Hampton Hancock Haney Hansen Hanson Hardin Harding Hardy Harmon Harper Harrell
Harrington Harris Harrison Hart Hartman Harvey Hatfield Hawkins Hayden Hayes Haynes Hays Heath Hebert
Henderson Hendricks Hendrix Henry Hensley Henson Herman Hernandez Herrera Herring Hess Hester Hewitt Hickman
Hicks Higgins Hill Hines Hinton Hodge Hodges Hoffman Hogan Holden Holder Holland Holloway Holmes Holt Hood
Hooper Hoover Hopkins Horn Horne Horton Houston Howard Howe Howell Hubbard Huber Hudson Huerta Huff Huffman
Hughes Hull Humphrey Hunt Hunter Hurley Hurst Hutchinson Huynh Ibarra Ingram Irwin Jackson Jacobs Jacobson
James Jarvis Jefferson Jenkins Jennings Jensen Jimenez Johns Johnson Johnston Jones Jordan Joseph Joyce Juarez
Kane Kaufman Keith Keller Kelley Kelly Kemp Kennedy Kent Kerr Khan Kim King Kirby Kirk Klein Kline Knapp
Knight Knox Koch Kramer Krueger Lamb Lambert Landry Lane Lang Larsen Larson Lawrence Lawson Leach Leblanc Lee
Leon Leonard Lester Levine Levy Lewis Lin Lindsey Little Livingston Lloyd Logan Long Lopez Love Lowe Lowery
Lozano Lucas Lucero Luna Lynch Lynn Lyons Macdonald Macias Mack Madden Maddox Mahoney Maldonado Malone Mann
Manning Marks Marquez Marsh Marshall Martin Martinez Mason Massey Mathews Mathis Matthews Maxwell May Mayer
Maynard Mcbride Mccall Mccarthy Mcclain Mcclure Mcconnell Mccormick Mccoy Mccullough Mcdaniel Mcdonald
Mcdowell Mcfarland Mcgee Mcgrath Mcguire Mcintosh Mcintyre Mckay Mckee Mckenzie Mckinney Mcknight Mclaughlin
Mclean Mcmillan Mcneil Mcpherson Meadows Medina Mejia Melendez Melton Mendez Mendoza Mercado Mercer Merritt
Meyer Meyers Michael Middleton Miles Miller Mills Miranda Mitchell Molina Monroe Montes Montgomery Montoya
Moody Moon Moore Mora Morales Moran Moreno Morgan Morris Morrison Morrow Morse Morton Moses Mosley Moss Moyer
Mueller Mullen Mullins Munoz Murillo Murphy Murray Myers Nash Navarro Neal Nelson Newman Newton Nguyen Nichols
Nicholson Nielsen Nixon Noble Nolan Norman Norris Norton Novak Nunez Obrien Ochoa Oconnell Oconnor Odom
Odonnell Oliver Olsen Olson Oneal Oneill Orozco Orr Ortega Ortiz Osborne Owen Owens Pace Pacheco Padilla Page
Palmer Park Parker Parks Parrish Parsons Patel Patrick Patterson Patton Paul Payne Pearson Peck Pena
Pennington Perez Perkins Perry Peters Petersen Peterson Petty Pham Phelps Phillips Pierce Pineda Pitts Pittman
Pollard Ponce Poole Pope Porter Potter Potts Powell Powers Pratt Preston Price Prince Proctor Pruitt Pugh
Quinn Ramirez Ramos Ramsey Randall Randolph Rangel Rasmussen Ray Raymond Reed Reese Reeves Reid Reilly Reyes
Reynolds Rhodes Rice Rich Richard Richards Richardson Richmond Riddle Riggs Riley Rios Ritter Rivas Rivera
Rivers Roach Robbins Roberson Roberts Robertson Robinson Robles Rocha Rodgers Rodriguez Rogers Rojas Rollins
Roman Romero Rosales Rosario Rose Ross Roth Rowe Rowland Roy Rubio Ruiz Rush Russell Russo Ryan Salas Salazar
Salinas Sampson Sanchez Sanders Sanford Santana Santiago Santos Saunders Savage Sawyer Schaefer Schmidt
Schmitt Schneider Schroeder Schultz Schwartz Scott Sellers Serrano Sexton Shaffer Shannon Sharp Shaw Shea
Shelton Shepherd Sheppard Sherman Shields Short Silva Simmons Simon Simpson Sims Singh Singleton Skinner Sloan
Small Smith Snow Snyder Solis Solomon Soto Sparks Spears Spence Spencer Stafford Stanley Stanton Stark Steele
Stein Stephens Stephenson Stevens Stevenson Stewart Stokes Stone Stout Strickland Strong Stuart Suarez
Sullivan Summers Sutton Swanson Sweeney Tanner Tapia Tate Taylor Terrell Terry Thomas Thompson Thornton Todd
Torres Townsend Tran Travis Trevino Trujillo Tucker Turner Tyler Underwood Valdez Valencia Valentine Vance
Vargas Vasquez Vaughn Vazquez Vega Velasquez Velez Villa Villanueva Villarreal Vincent Wade Wagner Walker Wall
Wallace Waller Walls Walsh Walter Walters Walton Ward Ware Warner Warren Washington Waters Watkins Watson
Watts Weaver Webb Weber Webster Weeks Weiss Welch Wells West Wheeler Whitaker White Whitehead Whitney Wiggins
Wilcox Wiley Wilkerson Wilkins Wilkinson Williams Williamson Willis Wilson Winters Wise Wolf Wolfe Wong Wood
Woodard Woods Woodward Wright Wyatt Yang Yates York Young Yu Zamora Zavala Ziegler Zimmerman Zuniga
`)
